"""One server of the AT protocol: https://atproto.com/specs/xrpc"""

from types import TracebackType
from typing import Any

import requests
from requests.auth import AuthBase

from grapevine.networks.bearer import Bearer
from grapevine.networks.http import guarded


class Server:
    """Calls to the server at *url*; a context manager. *public_only* for one that a member's identity names.

    *auth* shows who calls: nobody, unless it is given.
    """

    def __init__(self, url: str, title: str, auth: AuthBase | None = None, *, public_only: bool = False) -> None:
        self.url = url
        self.title = title
        self._session = guarded(requests.Session(), title, public_only=public_only)
        self._session.auth = auth or Bearer("")

    def __enter__(self) -> "Server":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._session.close()

    def query(self, method: str, *params: tuple[str, str]) -> requests.Response:
        return self.get(f"/xrpc/{method}", params)

    def procedure(self, method: str, **body: Any) -> requests.Response:
        return self._session.post(f"{self.url}/xrpc/{method}", json=body or None)

    def upload(self, content: bytes, kind: str) -> requests.Response:
        url = f"{self.url}/xrpc/com.atproto.repo.uploadBlob"
        return self._session.post(url, data=content, headers={"Content-Type": kind})

    def get(self, path: str, params: tuple[tuple[str, str], ...] = ()) -> requests.Response:
        return self._session.get(f"{self.url}{path}", params=list(params))
