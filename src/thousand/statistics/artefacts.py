"""Signs that a table is not what its names say: two names on one artefact, or a model that says the same to every prompt.

Both are questions to ask of the data, not proofs: a list of capitals may well be answered alike by two models.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Unpack

import numpy as np

from thousand.statistics.estimate import NOTHING, Estimate, How, of_totals, unknown


@dataclass(frozen=True)
class Twins:
    """Two columns that are all but equal.

    Attributes:
        first, second: their names.
        same: share of the prompts on which both hold the same.
        chance: the share that two unrelated columns of the same values would reach.
    """

    first: str
    second: str
    same: Estimate
    chance: float


@dataclass(frozen=True)
class Constant:
    """What one column says to a large part of the prompts.

    Attributes:
        value: what it says.
        share: of the prompts.
    """

    value: Hashable
    share: Estimate


def twins(
    columns: Mapping[str, Sequence[Hashable | None]], *, share: float = 0.98, beyond_chance: float = 0.9, **how: Unpack[How]
) -> list[Twins]:
    """Pairs of columns that hold the same on nearly every prompt: one file of answers or of verdicts under two names.

    Two good models win nearly every prompt, and so have nearly the same verdicts: the likeness must also be beyond chance.

    Args:
        columns: by name, one value for each prompt, in the same order: answers, verdicts, lengths; None or NaN where there is none.
        share: of the prompts both have, from which on they count as one.
        beyond_chance: the same as a share of what chance leaves to agree on (Cohen's kappa), from which on they do.

    Raises:
        ValueError: columns of different length.
    """
    found = []
    for (first, ours), (second, theirs) in combinations(columns.items(), 2):
        both = [(a, b) for a, b in zip(ours, theirs, strict=True) if _there(a) and _there(b)]
        same = _share([a == b for a, b in both], **how)
        if same.value is None or same.value < share:
            continue
        counts = [Counter(side) for side in zip(*both, strict=True)]
        chance = sum(times * counts[1][value] for value, times in counts[0].items()) / len(both) ** 2
        if same.value - chance >= beyond_chance * (1 - chance) > 0:
            found.append(Twins(first, second, same, chance))
    return found


def constant(column: Sequence[Hashable | None], *, share: float = 0.5, **how: Unpack[How]) -> Constant | None:
    """The value that stands against at least this share of the prompts; None where nothing does.

    The same answer to every prompt can win most of them when it is made to fool the judge (Zheng et al. 2024, "Cheating automatic
    LLM benchmarks: null models achieve high win rates").

    Args:
        column: an answer for each prompt, or its length; None or NaN where there is none.
    """
    there = [value for value in column if _there(value)]
    if len(there) < 2:
        return None
    value, times = Counter(there).most_common(1)[0]
    return Constant(value, _share([each == value for each in there], **how)) if times >= share * len(there) else None


def _there(value: Hashable | None) -> bool:
    return value is not None and value == value  # NaN is not itself


def _share(hits: Sequence[bool], **how: Unpack[How]) -> Estimate:
    if not hits:
        return unknown(0, NOTHING)
    parts = np.stack([np.array(hits, dtype=np.float64), np.ones(len(hits))], axis=1)
    return of_totals(parts, lambda totals: totals[..., 0] / totals[..., 1], len(hits), undefined=NOTHING, **how)
