"""Calls to the Graph API with one token: https://developers.facebook.com/docs/graph-api/guides/secure-requests"""

import hashlib
import hmac
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any

import requests

from grapevine.networks.bearer import Bearer
from grapevine.networks.http import guarded

TITLE = "Facebook"


@dataclass(frozen=True, slots=True)
class App:
    """Grapevine as Facebook knows it. *url* is the Graph API's, *site* that of the prompt and of what people see."""

    id: str
    secret: str = field(repr=False)
    version: str
    site: str
    url: str

    @property
    def token(self) -> str:
        """The app's own token: https://developers.facebook.com/docs/facebook-login/guides/access-tokens"""
        return f"{self.id}|{self.secret}"

    def proof(self, token: str) -> str:
        """What shows that a token is used by this very app: nobody who finds one can use it without the secret."""
        return hmac.new(self.secret.encode(), token.encode(), hashlib.sha256).hexdigest()


class Graph:
    """The Graph API as one token sees it, or nobody in particular; a context manager."""

    def __init__(self, app: App, token: str = "") -> None:
        self.app = app
        self._proof = {"appsecret_proof": app.proof(token)} if token else {}
        self._session = guarded(requests.Session(), TITLE)
        self._session.auth = Bearer(token)

    def __enter__(self) -> "Graph":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._session.close()

    def get(self, path: str, **fields: str) -> requests.Response:
        return self._session.get(self._at(path), params=fields | self._proof)

    def post(self, path: str, files: Any = None, **fields: str) -> requests.Response:
        return self._session.post(self._at(path), data=fields | self._proof, files=files)

    def delete(self, path: str) -> requests.Response:
        return self._session.delete(self._at(path), params=self._proof)

    def _at(self, path: str) -> str:
        return f"{self.app.url}/{self.app.version}/{path}"
