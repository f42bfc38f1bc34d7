"""Connections for `thousand.endpoint.call`: HTTP is httpcore2's, the bytes go by asyncio itself.

With the layers that httpcore2 and httpx2 have of their own, which serve several event loops, a call takes three times as long of the one
core that a program has (`benchmarks/judging.py`), and sixty at once would wait for it rather than for the server.
"""

from __future__ import annotations

import asyncio
import ssl
import urllib.request
from collections.abc import Iterable
from typing import Any, cast
from urllib.parse import unquote, urlsplit

import httpcore2


class Network(httpcore2.AsyncNetworkBackend):
    """How httpcore2 reaches a server. Limits of time are the caller's."""

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore2.AsyncNetworkStream:
        """Connect."""
        try:
            _, stream = await asyncio.get_running_loop().create_connection(_Stream, host, port, happy_eyeballs_delay=0.25)
        except OSError as error:
            raise httpcore2.ConnectError(str(error)) from error
        return stream


class _Stream(asyncio.Protocol, httpcore2.AsyncNetworkStream):
    """One connection.

    What is written waits for the first reading after it, so that the head of a request and its body go out together.
    """

    _transport: asyncio.Transport

    def __init__(self) -> None:
        self._unsent, self._received = bytearray(), bytearray()
        self._over = False
        self._error: Exception | None = None
        self._arrival: asyncio.Future[None] | None = None

    async def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        if self._unsent:
            self._transport.write(bytes(self._unsent))
            self._unsent.clear()
        while not self._received and not self._over:
            self._arrival = asyncio.get_running_loop().create_future()
            await self._arrival
        if self._error is not None and not self._received:
            raise httpcore2.ReadError(str(self._error))
        data = bytes(self._received[:max_bytes])
        del self._received[:max_bytes]
        return data

    async def write(self, buffer: bytes, timeout: float | None = None) -> None:
        if self._over:
            raise httpcore2.WriteError("the server has closed it")
        self._unsent += buffer

    async def aclose(self) -> None:
        self._transport.abort()

    async def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore2.AsyncNetworkStream:
        try:
            secure = await asyncio.get_running_loop().start_tls(self._transport, self, ssl_context, server_hostname=server_hostname)
        except OSError as error:  # those of ssl are, too
            self._transport.abort()
            raise httpcore2.ConnectError(str(error)) from error
        self._transport = cast(asyncio.Transport, secure)
        return self

    def get_extra_info(self, info: str) -> Any:
        match info:
            case "is_readable":  # asked of a connection at rest, when it means that the server has closed it
                return self._over or bool(self._received)
            case "ssl_object" | "socket":
                return self._transport.get_extra_info(info)
        return None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)

    def data_received(self, data: bytes) -> None:
        self._received += data
        self._wake()

    def eof_received(self) -> None:
        self._over = True
        self._wake()

    def connection_lost(self, exc: Exception | None) -> None:
        self._over, self._error = True, exc
        self._wake()

    def _wake(self) -> None:
        if self._arrival is not None and not self._arrival.done():
            self._arrival.set_result(None)


def proxy_for(url: str) -> httpcore2.Proxy | None:
    """The proxy that the environment names for an address: ``HTTPS_PROXY``, ``HTTP_PROXY``, ``ALL_PROXY``, but for ``NO_PROXY``."""
    target, known = urlsplit(url), urllib.request.getproxies()
    address = known.get(target.scheme) or known.get("all")
    if not address or urllib.request.proxy_bypass(target.hostname or ""):
        return None
    proxy = urlsplit(address if "://" in address else f"http://{address}")
    named = (unquote(proxy.username), unquote(proxy.password or "")) if proxy.username else None
    return httpcore2.Proxy(f"{proxy.scheme}://{proxy.netloc.rpartition('@')[2]}", auth=named)
