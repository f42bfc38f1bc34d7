"""Who has reviewed how much, and how far curators agree about what to keep."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from thousand import statistics as st
from thousand.desk.decisions import State

Floats = NDArray[np.float64]
_SAID = {"accepted": 1.0, "edited": 1.0, "written": 1.0, "rejected": -1.0}


@dataclass(frozen=True)
class Work:
    """What one curator did.

    Attributes:
        skipped: put off, and not decided since.
        last: when they decided last, UTC; None where they decided nothing.
    """

    name: str
    accepted: int = 0
    edited: int = 0
    written: int = 0
    rejected: int = 0
    skipped: int = 0
    last: str | None = None

    @property
    def decided(self) -> int:
        """Examples that they decided about."""
        return self.accepted + self.edited + self.written + self.rejected


@dataclass(frozen=True)
class Agreed:
    """Two curators on what both looked at: to keep it (+1), as it is or edited, to reject it (-1), or put off (0), which is their tie."""

    one: str
    other: str
    credit: st.Agreement
    kappa: st.Agreement


def work(states: Iterable[State]) -> list[Work]:
    """What each did, by name."""
    counts: dict[str, dict[str, int]] = {}
    last: dict[str, str] = {}
    for state in states:
        for who, opinion in state.opinions.items():
            own = counts.setdefault(who, {})
            own[opinion.stance] = own.get(opinion.stance, 0) + 1
            last[who] = max(last.get(who, ""), opinion.at)
        for who in state.skipped - state.opinions.keys():
            own = counts.setdefault(who, {})
            own["skipped"] = own.get("skipped", 0) + 1
    return [Work(who, **counts[who], last=last.get(who)) for who in sorted(counts)]


def agreement(states: Iterable[State]) -> list[Agreed]:
    """Every two curators who looked at an example in common."""
    said = [_said(state) for state in states]
    found = []
    for one, other in combinations(sorted({who for each in said for who in each}), 2):
        both = [each for each in said if one in each and other in each]
        if both:
            scores = [_column(both, who) for who in (one, other)]
            found.append(Agreed(one, other, st.tie_discounted(*scores), st.kappa(*scores)))
    return found


def _said(state: State) -> Mapping[str, float]:
    return dict.fromkeys(state.skipped, 0.0) | {who: _SAID[opinion.stance] for who, opinion in state.opinions.items()}


def _column(said: Sequence[Mapping[str, float]], who: str) -> Floats:
    return np.array([each[who] for each in said])
