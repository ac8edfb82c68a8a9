"""What the stand-in's authorization server refuses, with the names, statuses and headers of the reference server.

https://github.com/bluesky-social/atproto/tree/main/packages/oauth/oauth-provider/src/errors
"""

import json
from typing import Any

from aiohttp import web

#: what the reference server can verify, as its metadata and its WWW-Authenticate say
ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES256K", "ES384", "ES512")


class OAuthError(Exception):
    """*scheme*, "DPoP" or "Bearer", makes it a 401 that says in a header how to come again."""

    def __init__(self, error: str, description: str, scheme: str = "") -> None:
        super().__init__(description)
        self.error, self.description, self.scheme = error, description, scheme
        self.status = 401 if scheme else 400

    @property
    def headers(self) -> dict[str, str]:
        if not self.scheme:
            return {}
        parts = {"algs": " ".join(ALGORITHMS)} if self.scheme == "DPoP" else {}
        parts |= {"error": self.error, "error_description": self.description}
        # A value with a quotation mark is left out there, and what no header may hold.
        fit = {name: value for name, value in parts.items() if value.isprintable() and '"' not in value}
        said = ", ".join(f'{name}="{value}"' for name, value in fit.items())
        return {"WWW-Authenticate": f"{self.scheme} {said}"}

    def answer(self) -> web.Response:
        """As the authorization server's endpoints say it."""
        body = {"error": self.error, "error_description": self.description}
        return web.json_response(body, status=self.status, headers=self.headers)

    def raised(self) -> web.HTTPException:
        """As the resource server says it, in the words of XRPC."""
        kind = web.HTTPUnauthorized if self.scheme else web.HTTPBadRequest
        body = json.dumps({"error": self.error, "message": self.description})
        return kind(text=body, content_type="application/json", headers=self.headers)


class BackToClient(OAuthError):
    """Where a person is waiting in a browser, this goes back to the client, with a redirect."""

    def __init__(self, description: str, error: str = "invalid_request") -> None:
        super().__init__(error, description)


def invalid_request(description: str) -> OAuthError:
    return OAuthError("invalid_request", description)


def invalid_grant(description: str) -> OAuthError:
    return OAuthError("invalid_grant", description)


def invalid_client(description: str) -> OAuthError:
    return OAuthError("invalid_client", description)


def invalid_client_metadata(description: str) -> OAuthError:
    return OAuthError("invalid_client_metadata", description)


def invalid_redirect_uri(description: str) -> OAuthError:
    return OAuthError("invalid_redirect_uri", description)


def invalid_proof(description: str) -> OAuthError:
    return OAuthError("invalid_dpop_proof", description, "DPoP")


def invalid_token(description: str, scheme: str = "DPoP") -> OAuthError:
    return OAuthError("invalid_token", description, scheme)


def text_of(fields: dict[str, Any], name: str) -> str | None:
    """A parameter that is a text, None when it is missing; `OAuthError` when it is anything else."""
    value = fields.get(name)
    if value is not None and not isinstance(value, str):
        raise invalid_request(f"Validation error: Expected string at body.{name}")
    return value
