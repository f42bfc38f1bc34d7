"""Who reads which examples where several people curate: each has one reader, and a part of them all, to see how far they agree."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache

from thousand.desk.decisions import State
from thousand.desk.members import Member

OVERLAP = 0.2
"""Share of one curator's examples that every curator has."""


def readers(content: str, curators: Iterable[str], overlap: float = OVERLAP) -> Sequence[str]:
    """Whose an example is: everybody's or one curator's.

    By rendezvous hashing (Thaler and Ravishankar 1998): whoever joins takes some examples from each, and no other changes hands.

    Args:
        overlap: share of one curator's examples that all have.
    """
    names = sorted(set(curators))
    if len(names) < 2:
        return names
    common = overlap / (overlap + len(names) * (1 - overlap))
    if _place(content, "") < common:
        return names
    return [max(names, key=lambda name: _place(content, name))]


def curators(members: Mapping[str, Member], states: Iterable[State]) -> list[str]:
    """Who reads: the members who may, and whoever has decided about an example, as the owner of the desk may have."""
    may = {member.name for member in members.values() if member.role != "judge"}
    return sorted(may | {who for state in states for who in state.opinions})


@lru_cache(maxsize=1_000_000)
def _place(content: str, name: str) -> float:
    """From 0 to 1, the same at every desk."""
    return int.from_bytes(hashlib.sha256(f"{content}\n{name}".encode()).digest()[:8]) / 2**64
