"""What every request passes before anything else looks at it, and what every response says: an ASGI middleware."""

from __future__ import annotations

import ipaddress
import json
from collections.abc import Awaitable, Callable, Iterable, Mapping, MutableMapping
from typing import Any
from urllib.parse import urlsplit

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

HEADERS: Mapping[str, str] = {
    "content-security-policy": "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'; "
    "form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "no-referrer",
    "cache-control": "no-store",
    "permissions-policy": "camera=(), microphone=(), geolocation=(), payment=(), usb=()",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
}
LARGEST = 1_000_000
"""Bytes of a request's body; the longest example that may be edited is a tenth of it."""
_SAFE = {"GET", "HEAD", "OPTIONS"}
_LOOPBACK = {"localhost", "127.0.0.1", "::1"}


class Guard:
    """Refuses what no page of the desk would send, and adds `HEADERS`.

    Refused: a Host that is not the desk's (a name of somebody else's that resolves to this machine: DNS rebinding), a write
    that another site's page makes the browser send, and a body beyond the bound.

    Args:
        origin: how people reach the desk, such as ``https://desk.example.org``, where that is not the machine's own address.
        loopback: only this machine may ask, by its own names.
        host: another name of this machine's, which it is served at.
    """

    def __init__(self, app: App, *, origin: str | None = None, loopback: bool = True, host: str = "127.0.0.1") -> None:
        self.app, self.origin, self.loopback, self.names = app, origin, loopback, {*_LOOPBACK, host.lower()}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            if scope["type"] == "lifespan":
                await self.app(scope, receive, send)
            return None

        async def guarded(message: MutableMapping[str, Any]) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = _with_ours(message["headers"])
            await send(message)

        headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}
        if not self._is_ours(headers.get("host", "")):
            return await _refuse(guarded, 421, "This is not an address of the desk.")
        if scope["method"] not in _SAFE and not self._same_site(headers):
            return await _refuse(guarded, 403, "Another site's page made this request.")
        body = await _body(receive, LARGEST, headers.get("content-length", ""))
        if body is None:
            return await _refuse(guarded, 413, "The request is too large.")
        return await self.app(scope, _replayed(body, receive), guarded)

    def _is_ours(self, host: str) -> bool:
        try:
            name = urlsplit(f"//{host}").hostname or ""
        except ValueError:
            return False
        if self.origin is not None and host == urlsplit(self.origin).netloc:
            return True
        return name in self.names or (not self.loopback and _is_address(name))

    def _same_site(self, headers: Mapping[str, str]) -> bool:
        if headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none"):
            return False
        origin = headers.get("origin")
        return origin is None or origin == self.origin or origin.partition("://")[2] == headers.get("host")


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


def _with_ours(headers: Iterable[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
    given = list(headers)
    named = {name.lower() for name, _ in given}
    return given + [(name.encode(), value.encode()) for name, value in HEADERS.items() if name.encode() not in named]


async def _body(receive: Receive, most: int, declared: str) -> bytes | None:
    """The whole body; None when it is beyond the bound, declared or not."""
    if declared.isdecimal() and int(declared) > most:
        return None
    body: bytes = b""
    while True:
        message = await receive()
        body += message.get("body", b"")
        if len(body) > most:
            return None
        if message["type"] == "http.disconnect" or not message.get("more_body", False):
            return body


def _replayed(body: bytes, receive: Receive) -> Receive:
    given = False

    async def again() -> MutableMapping[str, Any]:
        nonlocal given
        if given:
            return await receive()
        given = True
        return {"type": "http.request", "body": body, "more_body": False}

    return again


async def _refuse(send: Send, status: int, why: str) -> None:
    body = json.dumps({"detail": why}).encode()
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode()), (b"connection", b"close")]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
