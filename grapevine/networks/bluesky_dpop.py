"""Calls that prove to come from the holder of a key: https://www.rfc-editor.org/rfc/rfc9449"""

from collections.abc import Mapping
from typing import Any

import requests
from requests.auth import AuthBase
from requests.hooks import default_hooks
from requests_oauth2client import DPoPKey
from requests_oauth2client.dpop import add_dpop_proof


class Proof(AuthBase):
    """An access token, and with each request the proof that its caller has the key that it is bound to.

    A server wants a number of its own in the proof, and gives it out by refusing the first request: that one is made
    once more. The library's own class would raise errors of its own for a token that has run out.
    """

    def __init__(self, access: str, key: DPoPKey) -> None:
        self._access = access
        self._key = key

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        request.headers["Authorization"] = f"DPoP {self._access}"
        add_dpop_proof(request, dpop_key=self._key, access_token=self._access)
        request.register_hook("response", self._answered)  # type: ignore[no-untyped-call]
        return request

    def _answered(self, answer: requests.Response, **options: Any) -> requests.Response:
        nonce, before = answer.headers.get("DPoP-Nonce"), self._key.rs_nonce
        self._key.rs_nonce = nonce or before
        wanted = answer.status_code == 401 and "use_dpop_nonce" in answer.headers.get("WWW-Authenticate", "")
        if not wanted or nonce in (None, before) or answer.request is None:
            return answer
        again = answer.request.copy()
        again.hooks = default_hooks()  # once: a copy shares them, and who always wants another number gets none
        add_dpop_proof(again, dpop_key=self._key, access_token=self._access)
        said: requests.Response = answer.connection.send(again, **options)
        self._key.rs_nonce = said.headers.get("DPoP-Nonce") or nonce
        return said


def proving(access: str, proof: Mapping[str, str]) -> Proof:
    """Who calls, for a session of requests."""
    return Proof(access, key_of(proof))


def key_of(proof: Mapping[str, str]) -> DPoPKey:
    """The key of which *proof* is the private JWK."""
    return DPoPKey(dict(proof), alg="ES256")
