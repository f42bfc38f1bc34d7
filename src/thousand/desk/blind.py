"""Names under which a judge is shown things: opaque, their own for every person, and only the run's secret leads back from them.

A name stands for what was shown and how: the answers of which arms and seeds, in which order, for the first time or again. So a
verdict is known for what it is whatever the desk would show today, and a verdict on answers that are no longer there is not
taken for one on those that are.
"""

from __future__ import annotations

import hmac
import os
import secrets
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from thousand.desk.items import Item

Order = Literal["ab", "ba"]
_SECRET = Path("desk") / "secret"
_BYTES = 16  # of a name


@dataclass(frozen=True)
class Shown:
    """An item as one person sees it.

    Attributes:
        order: of two answers, ``ab`` where the claim's stands first; None for one answer.
        again: whether it is shown to see if they say the same.
        shared: whether others are shown it, too.
    """

    item: Item
    order: Order | None
    again: bool = False
    shared: bool = False


def secret_of(run: Path) -> bytes:
    """The run's secret, made at the first call; only the owner of the files may read it."""
    path = run / _SECRET
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f"secret.{secrets.token_hex(8)}.partial")
    if not path.exists():
        with os.fdopen(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as stream:
            stream.write(secrets.token_bytes(32))
            stream.flush()
            os.fsync(stream.fileno())
        try:
            os.link(partial, path)  # where two processes start at once, the first one's stands
        except FileExistsError:
            pass
        finally:
            partial.unlink()
    return path.read_bytes()


def name(secret: bytes, who: str, shown: Shown) -> str:
    """The opaque name under which a person is shown an item: 32 hexadecimal digits."""
    return naming(secret, who)(shown)


def naming(secret: bytes, who: str) -> Callable[[Shown], str]:
    """`name` for one person and many items."""
    own = _own(secret, who)
    return lambda shown: _name(own, _message(shown))


def every(items: Iterable[Item]) -> list[tuple[bytes, Shown]]:
    """Every way in which the items can be shown: in each order, for the first time and again. For `names`."""
    found = []
    for item in items:
        orders: tuple[Order | None, ...] = ("ab", "ba") if item.task == "pair" else (None,)
        ways = [Shown(item, order, again) for order in orders for again in (False, True)]
        found += [(_message(shown), shown) for shown in ways]
    return found


def names(secret: bytes, who: str, ways: Iterable[tuple[bytes, Shown]]) -> dict[str, Shown]:
    """What every name that a person can have been given stands for.

    Args:
        ways: from `every`.
    """
    own = _own(secret, who)
    return {_name(own, message): shown for message, shown in ways}


def keyed(secret: bytes, *parts: str) -> int:
    """A number that looks random, the same for the same parts, and that nobody without the secret can foretell."""
    return int.from_bytes(_digest(secret, *parts)[:8])


def _own(secret: bytes, who: str) -> bytes:
    """A secret for one person: nobody can tell from two people's names that they were shown the same."""
    return _digest(secret, "name", who)


def _message(shown: Shown) -> bytes:
    return f"{shown.item.key} {shown.order or '-'} {'again' if shown.again else 'first'}".encode()


def _name(own: bytes, message: bytes) -> str:
    return hmac.digest(own, message, "sha256")[:_BYTES].hex()


def _digest(secret: bytes, *parts: str) -> bytes:
    told = "".join([f"{len(part)}:{part}" for part in parts])
    return hmac.digest(secret, told.encode("utf-8", "surrogatepass"), "sha256")
