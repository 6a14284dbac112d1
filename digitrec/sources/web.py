"""Asking an http(s) address; only what a person typed, and only http(s) redirects, are followed."""

from __future__ import annotations

import http.client
import urllib.error
import urllib.request
import urllib.response
from pathlib import Path
from typing import IO
from urllib.parse import quote, unquote, urlsplit, urlunsplit
from urllib.request import Request

from digitrec.errors import SourceError

NETWORK_FAULTS = (OSError, http.client.HTTPException, ValueError)
_MOST_DOWNLOAD_BYTES = 4 << 30
_READ_BYTES = 256 << 10


class _OnlyHttp(urllib.request.HTTPRedirectHandler):
    """A server must not make us open a local file; the base class follows ftp too."""

    def redirect_request(
        self, req: Request, fp: IO[bytes], code: int, msg: str, headers: http.client.HTTPMessage, newurl: str
    ) -> Request | None:
        if urlsplit(newurl).scheme not in {"http", "https"}:
            return None  # the redirect then counts as the error that it is
        return super().redirect_request(req, fp, code, msg, headers, newurl)


class _Basic(urllib.request.HTTPBasicAuthHandler):
    """The base class calls it a fault of the program's that a server wants another way, as with a digest."""

    def http_error_401(
        self, req: Request, fp: IO[bytes], code: int, msg: str, headers: http.client.HTTPMessage
    ) -> urllib.response.addinfourl | None:
        try:
            return super().http_error_401(req, fp, code, msg, headers)
        except ValueError:
            return None


def without_password(url: str) -> str:
    """The address without user name and password, as it may be shown and written down; raises SourceError."""
    try:
        parts = urlsplit(url)
        if not parts.hostname or (parts.port or 1) < 1:
            raise ValueError
    except ValueError as error:
        raise SourceError(f"{url} is no address: http://HOST/PATH or rtsp://HOST/PATH is wanted.") from error
    return urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2]))


def get(url: str, timeout_s: float) -> http.client.HTTPResponse:
    """Ask for an address; the answer's body is not read yet. ``timeout_s`` holds for each wait on the network.

    Raises:
        SourceError: no answer in time, an error, or a redirect to anything but http(s).
    """
    name = without_password(url)
    try:
        opener = _opener(url, name)
        agent = {"User-Agent": "digitrec"}
        request = Request(quote(name, safe="%/:=&?~#+!$,;'@()*[]"), headers=agent)  # noqa: S310 - specs.py saw http(s)
        response: http.client.HTTPResponse = opener.open(request, timeout=timeout_s)
    except urllib.error.HTTPError as error:
        error.close()
        has_password = urlsplit(url).username is not None
        raise SourceError(f"{name} cannot be opened: {_answer(error.code, has_password)}") from error
    except NETWORK_FAULTS as error:
        raise SourceError(f"{name} cannot be opened: {reason(error)}. Check the address and the server.") from error
    return response


def _opener(url: str, name: str) -> urllib.request.OpenerDirector:
    """``build_opener`` without its handlers for files and ftp."""
    parts = urlsplit(url)
    passwords = urllib.request.HTTPPasswordMgrWithDefaultRealm()
    if parts.username is not None:
        passwords.add_password(None, name, unquote(parts.username), unquote(parts.password or ""))
    opener = urllib.request.OpenerDirector()
    for handler in (
        urllib.request.ProxyHandler(),
        urllib.request.HTTPHandler(),
        urllib.request.HTTPSHandler(),
        urllib.request.HTTPErrorProcessor(),
        urllib.request.HTTPDefaultErrorHandler(),
        _Basic(passwords),
        urllib.request.HTTPDigestAuthHandler(passwords),
        _OnlyHttp(),
    ):
        opener.add_handler(handler)
    return opener


def _answer(code: int, has_password: bool) -> str:
    if code == 401 and has_password:
        return "it refused the user name or the password. Check both."
    if code == 401:
        return "it wants a user name and password. Put them before the host: http://user:password@host/"
    if 300 <= code < 400:
        return "it redirects in a circle, or to something else than http(s). Give the last address itself."
    return f"the server answers {code}. Check the address."


def read_body(response: http.client.HTTPResponse, most: int, name: str) -> bytes:
    """At most ``most`` bytes of an answer; raises SourceError where the connection fails."""
    try:
        return response.read(most)
    except NETWORK_FAULTS as error:
        raise SourceError(f"{name} broke off: {reason(error)}. Check the server.") from error


def download(url: str, target: Path, timeout_s: float) -> None:
    """Store what an address gives, at most 4 GB; raises SourceError."""
    name = without_password(url)
    got = 0
    with get(url, timeout_s) as response, target.open("wb") as file:
        while data := read_body(response, _READ_BYTES, name):
            got += len(data)
            if got > _MOST_DOWNLOAD_BYTES:
                raise SourceError(f"{name} is refused: more than 4 GB. Download it, and give the file.")
            file.write(data)


def reason(error: BaseException) -> str:
    """What the network said, in few words."""
    inner = error.reason if isinstance(error, urllib.error.URLError) else error
    if isinstance(inner, TimeoutError):
        return "no answer in time"
    if isinstance(inner, OSError) and inner.strerror:
        return inner.strerror
    return " ".join(str(inner).split()) or type(inner).__name__
