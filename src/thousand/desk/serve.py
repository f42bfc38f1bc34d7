"""The desk served: one process, its threads, on this machine alone unless told otherwise."""

from __future__ import annotations

import ipaddress
import secrets
import socket
import threading
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import uvicorn

from thousand.desk.app import make_app
from thousand.desk.events import Event
from thousand.desk.members import ROLES, Role, invite, members
from thousand.desk.store import Store
from thousand.errors import RecipeError, ThousandError

PORT = 8321


@dataclass(frozen=True)
class Address:
    """Where a desk is to be served.

    Attributes:
        origin: how people reach it, such as ``https://desk.example.org`` where something in front of it speaks https.

    Raises:
        RecipeError: the origin is more or less than a scheme and a host.
    """

    host: str = "127.0.0.1"
    port: int = PORT
    origin: str | None = None

    def __post_init__(self) -> None:
        if self.origin is None:
            return
        given = urlsplit(self.origin.lower())
        if (
            given.scheme not in ("http", "https")
            or not given.hostname
            or "@" in given.netloc
            or given[2:] not in (("", "", ""), ("/", "", ""))
        ):
            raise RecipeError(
                f"--origin {self.origin}: expected how people reach the desk, and no path.", "Write it such as https://desk.example.org."
            )
        object.__setattr__(self, "origin", f"{given.scheme}://{given.netloc}")  # as browsers write it

    @property
    def loopback(self) -> bool:
        """Whether only this machine can ask."""
        try:
            return self.host == "localhost" or ipaddress.ip_address(self.host).is_loopback
        except ValueError:
            return False

    def link(self, token: str) -> str:
        """A link with a token in it."""
        named = _own_address() if self.host in ("0.0.0.0", "::") else self.host  # noqa: S104  told from others, not bound to
        host = f"[{named}]" if ":" in named else named
        return f"{self.origin or f'http://{host}:{self.port}'}/enter?token={token}"


class Desk:
    """A desk ready to be served.

    Args:
        invited: names and roles of people who get a link; somebody who has one gets a new one.

    Raises:
        RecipeError: a host that others can reach, and nobody has a link; a role that does not exist; a name that is none, or the owner's.
        DataError: the run has nothing to review or to judge.
        ThousandError: the port is taken.
    """

    def __init__(
        self,
        run: Path,
        store: Store,
        address: Address,
        *,
        owner: str = "owner",
        arm: str | None = None,
        invited: Mapping[str, str] | None = None,
    ) -> None:
        token = secrets.token_urlsafe(32)
        if owner in (invited or {}):
            raise RecipeError(
                f"--member {owner}: that is your own name here, and you have a link.", "Give another name, or take one by --name."
            )
        made = [_invited(name, role, owner) for name, role in (invited or {}).items()]
        if not address.loopback and not made and not members(store.events(kinds=["member"])):
            raise RecipeError(
                f"--host {address.host} lets others reach the desk, and it has no team.",
                "Say who may enter: --member NAME=curator (or judge, owner), once for each. The owner's link works beside theirs.",
            )
        app = make_app(run, store, token=token, owner=owner, arm=arm, origin=address.origin, loopback=address.loopback, host=address.host)
        self._desk = app.state.desk
        self._socket = _bound(address)
        self.address = Address(address.host, self._socket.getsockname()[1], address.origin)
        store.append_all([event for event, _ in made])
        self.link = self.address.link(token)
        self.links = {event.subject: self.address.link(theirs) for event, theirs in made}
        config = uvicorn.Config(
            app,
            access_log=False,  # addresses may hold tokens
            log_level="warning",
            server_header=False,
            proxy_headers=False,  # whoever asks must not say who they are
            timeout_graceful_shutdown=5,
            timeout_keep_alive=30,
            limit_concurrency=500,
        )
        self._server = uvicorn.Server(config)

    def serve(self) -> None:
        """Serve until it is interrupted, then finish what is being answered and return."""
        threading.Thread(target=self._prepare, daemon=True, name="dealing").start()
        try:
            self._server.run(sockets=[self._socket])
        except KeyboardInterrupt:  # the server has ended as it should, and says by what
            return
        finally:
            self._socket.close()

    def _prepare(self) -> None:
        with suppress(ThousandError, OSError):  # whoever asks for it is told
            access = self._desk.access
            self._desk.bench.prepare([access.owner, *access.members], access.judges)


def _invited(name: str, role: str, by: str) -> tuple[Event, str]:
    if role not in ROLES:
        raise RecipeError(f"--member {name}={role}: there is no such role.", f"There are: {', '.join(ROLES)}.")
    known: Sequence[Role] = [each for each in ROLES if each == role]
    return invite(name, known[0], by)


def _own_address() -> str:
    """An address of this machine by which others may reach it, if it knows one."""
    try:
        return socket.gethostbyname(socket.gethostname())
    except OSError:
        return "127.0.0.1"


def _bound(address: Address) -> socket.socket:
    """Bound before anything is promised: the port is known, and ours, and whoever is quick with the link waits for the server."""
    family = socket.AF_INET6 if ":" in address.host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)  # by its number asyncio knows that it may send at once
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((address.host, address.port))
        listener.listen(128)
    except OSError as error:
        listener.close()
        raise ThousandError(
            f"The desk cannot be served at {address.host}:{address.port}: {error.strerror}.",
            "Choose another --port; 0 takes any that is free.",
        ) from None
    return listener
