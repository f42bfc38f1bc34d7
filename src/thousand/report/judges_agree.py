"""How far judges agree about what several of them saw, item by item."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from thousand import statistics as st
from thousand import tables
from thousand.report import arrays

Item = tuple[str, int | None, str, int | None, int | None]
"""What is judged on a prompt: a, its seed, b, its seed, the sample of both."""

Decided = Mapping[Item, arrays.Floats]
"""One judge's scores, (prompts,) for each item."""


@dataclass(frozen=True)
class Agreed:
    """How far two judges agree about pairs that both decided; a rater prefers the answer it rates higher."""

    first: str
    second: str
    tie_discounted: st.Agreement
    strict: st.Agreement
    without_ties: st.Agreement
    kappa: st.Agreement


def decided(
    judges: Iterable[str], arms: Sequence[str], duels: Mapping[arrays.Duo, arrays.Paired], rated: Mapping[arrays.Key, arrays.Rated]
) -> dict[str, Decided]:
    """What each judge decided overall: pairs of one sample as it saw them, or else by its ratings of both."""
    found: dict[str, Decided] = {}
    for judge in judges:
        items: dict[Item, arrays.Floats] = {}
        own = {arm: rated[judge, "overall", arm] for arm in arms if (judge, "overall", arm) in rated}
        for a, b in combinations(own, 2):
            items |= _preferred(a, own[a], b, own[b])
        for (who, criterion, a, b), pair in duels.items():
            if (who, criterion) == (judge, "overall"):
                items |= _chosen(a, b, pair)
        found[judge] = items
    return found


def agreement(judged: Mapping[str, Decided]) -> list[Agreed]:
    """Every two judges who saw an item in common; but for people together and one of them, who is a part of what is compared."""
    measures = (st.tie_discounted, st.strict, st.without_ties, st.kappa)
    found = []
    for one, other in combinations(judged, 2):
        if _same_people(one, other):
            continue
        shared = _shared([judged[one], judged[other]])
        if shared is not None:
            found.append(Agreed(one, other, *(measure(*shared) for measure in measures)))
    return found


def alpha(judged: Mapping[str, Decided]) -> st.Agreement | None:
    """Krippendorff's, of all judges together; None with fewer than two, or where all of them saw no item in common.

    Of people each is a judge, and what they say together is none besides.
    """
    if any(_same_people(tables.PEOPLE, name) for name in judged):
        judged = {name: decided for name, decided in judged.items() if name != tables.PEOPLE}
    shared = _shared(list(judged.values())) if len(judged) > 1 else None
    return None if shared is None else st.alpha(np.stack(shared), "ordinal")


def _same_people(one: str, other: str) -> bool:
    return tables.PEOPLE in (one, other) and any(name.startswith(tables.person("")) for name in (one, other))


def _chosen(a: str, b: str, pair: arrays.Paired) -> dict[Item, arrays.Floats]:
    ours, theirs, samples = pair.at
    return {
        (a, our_seed, b, their_seed, sample): np.sign(pair.score[i, j, k])  # of a verdict that was given twice, what more say
        for i, our_seed in enumerate(ours)
        for j, their_seed in enumerate(theirs)
        for k, sample in enumerate(samples)
    }


def _preferred(a: str, ours: arrays.Rated, b: str, theirs: arrays.Rated) -> dict[Item, arrays.Floats]:
    (our_seeds, our_samples), (their_seeds, their_samples) = ours.at, theirs.at
    return {
        (a, our_seed, b, their_seed, sample): np.sign(ours.values[i, k] - theirs.values[j, their_samples.index(sample)])
        for i, our_seed in enumerate(our_seeds)
        for j, their_seed in enumerate(their_seeds)
        for k, sample in enumerate(our_samples)
        if sample in their_samples
    }


def _shared(judges: Sequence[Decided]) -> list[arrays.Floats] | None:
    """What each decided about the items that all of them saw: (items, prompts) each."""
    items = [item for item in judges[0] if all(item in each for each in judges[1:])]
    return [np.stack([each[item] for item in items]) for each in judges] if items else None
