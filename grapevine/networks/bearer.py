"""A token in a header, so that no proxy writes it down: https://www.rfc-editor.org/rfc/rfc6750#section-2.1"""

from requests import PreparedRequest
from requests.auth import AuthBase


class Bearer(AuthBase):
    """The token, or nothing at all: without it requests would look into the machine's .netrc."""

    def __init__(self, token: str) -> None:
        self._token = token

    def __call__(self, request: PreparedRequest) -> PreparedRequest:
        if self._token:
            request.headers["Authorization"] = f"Bearer {self._token}"
        return request
