"""What people's verdicts come to: who won, how far people agree with each other and with themselves, and what they lean on.

Intervals resample prompts whole. Nothing here is for the eyes of who still judges.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from thousand import statistics as st
from thousand.desk.items import TASKS, Task
from thousand.desk.verdicts import SCALES, Heard, Said, majority

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Counts:
    """Pairs won, tied and lost by the claim."""

    won: int
    tied: int
    lost: int

    @property
    def n(self) -> int:
        """All of them."""
        return self.won + self.tied + self.lost


@dataclass(frozen=True)
class Versus:
    """The claim against one arm.

    Attributes:
        together: each pair once, by what most of its judges say. first: each pair once, by the first verdict on it.
        wins: of ``together``, over prompts.
        agreement: of the first two who judged a pair; credit 1 for the same, 0.5 where exactly one says tie.
        kappa: of the same two.
    """

    arm: str
    together: Counts
    first: Counts
    wins: st.Wins
    agreement: st.Agreement
    kappa: st.Agreement


@dataclass(frozen=True)
class Person:
    """One judge.

    Attributes:
        verdicts: that count. unsure: of these, how often they could not tell.
        repeats: items that they were shown again.
        same, kappa: how far they agree with themselves on pairs.
        first: of their decided verdicts on pairs, how many went to the answer shown first; 0.5 for who does not mind the side.
        position: wins of the first less those of the second, of all their verdicts on pairs.
        seconds: median before an item; None where they judged elsewhere.
    """

    name: str
    verdicts: int
    unsure: int
    repeats: int
    same: st.Agreement
    kappa: st.Agreement
    first: st.Estimate
    position: st.Estimate
    seconds: float | None


@dataclass(frozen=True)
class Between:
    """Two people on the items of one kind that both judged; ``credit`` is tie-discounted, and for pairs only."""

    task: Task
    one: str
    other: str
    credit: st.Agreement | None
    same: st.Agreement
    kappa: st.Agreement


@dataclass(frozen=True)
class Graded:
    """One arm on one scale: the mean, and the share of answers that got each word of the scale, best last."""

    task: Task
    arm: str
    mean: st.Estimate
    shares: Sequence[tuple[str, st.Estimate]]


@dataclass(frozen=True)
class Results:
    """All of it.

    Attributes:
        overall: agreement of the first two who judged a pair, over all arms.
        gone: verdicts on answers that are no longer there.
    """

    versus: Sequence[Versus]
    overall: st.Agreement
    overall_kappa: st.Agreement
    people: Sequence[Person]
    between: Sequence[Between]
    graded: Sequence[Graded]
    gone: int


def results(heard: Heard) -> Results:
    """What was said, in figures. Arms and people stand in the order of their names."""
    pairs = [each for each in heard.counted if each.shown.item.task == "pair"]
    twice = _first_two(pairs)
    return Results(
        versus=[_versus(arm, of_arm) for arm, of_arm in _by(pairs, lambda each: each.shown.item.strand)],
        overall=st.tie_discounted(*twice),
        overall_kappa=st.kappa(*twice),
        people=[_person(name, said, heard) for name, said in _by(heard.counted, lambda each: each.who)],
        between=[found for task in TASKS for found in _between(task, [s for s in heard.counted if s.shown.item.task == task])],
        graded=[
            _graded(task, arm, said)
            for task in TASKS[1:]
            for arm, said in _by([s for s in heard.counted if s.shown.item.task == task], lambda each: each.shown.item.strand)
        ],
        gone=heard.gone,
    )


def _by(said: Iterable[Said], of: object) -> list[tuple[str, list[Said]]]:
    found: defaultdict[str, list[Said]] = defaultdict(list)
    for each in said:
        found[of(each)].append(each)  # type: ignore[operator]
    return sorted(found.items())


def _by_item(said: Iterable[Said]) -> dict[str, list[Said]]:
    """What could be told of each item, in the order in which it was said."""
    found: dict[str, list[Said]] = {}
    for each in said:
        if each.value is not None:
            found.setdefault(each.shown.item.key, []).append(each)
    return found


def _versus(arm: str, said: Sequence[Said]) -> Versus:
    items = list(_by_item(said).values())
    together = [majority([_value(each) for each in of_item]) or 0.0 for of_item in items]
    score = _per_prompt(items, together)
    twice = _first_two(said)
    return Versus(
        arm=arm,
        together=_counts(together),
        first=_counts([_value(of_item[0]) for of_item in items]),
        wins=st.wins(score[None, None]),
        agreement=st.tie_discounted(*twice),
        kappa=st.kappa(*twice),
    )


def _counts(values: Sequence[float]) -> Counts:
    return Counts(*(sum(value == which for value in values) for which in (1.0, 0.0, -1.0)))


def _first_two(said: Sequence[Said]) -> tuple[Floats, Floats]:
    """The first two verdicts on each item: (items of a prompt at most, prompts) twice, NaN where there is one."""
    items = [each for each in _by_item(said).values() if len(each) > 1]
    return _per_prompt(items, [_value(each[0]) for each in items]), _per_prompt(items, [_value(each[1]) for each in items])


def _per_prompt(items: Sequence[Sequence[Said]], values: Sequence[float]) -> Floats:
    found: Floats = st.by_prompt([each[0].shown.item.prompt_id for each in items], np.array(values, dtype=np.float64))[0]
    return found


def _person(name: str, said: Sequence[Said], heard: Heard) -> Person:
    own = [(one, other) for one, other in heard.again if one.who == name]
    both = [(a, b) for a, b in own if a.shown.item.task == "pair" and a.value is not None and b.value is not None]
    same = tuple(_per_prompt([[a] for a, _ in both], [_value(pair[at]) for pair in both]) for at in (0, 1))
    pairs = [each for each in said if each.shown.item.task == "pair" and each.value is not None]
    prompts = [each.shown.item.prompt_id for each in pairs]
    values = np.array([_value(each) for each in pairs], dtype=np.float64)
    first = np.array([float(each.shown.order == "ab") for each in pairs])
    score, sides = st.by_prompt(prompts, values, first)
    seconds = [each.seconds for each in [*said, *(other for _, other in own)] if each.seconds is not None]
    return Person(
        name=name,
        verdicts=len(said),
        unsure=sum(each.value is None for each in said),
        repeats=len(own),
        same=st.tie_discounted(*same),
        kappa=st.kappa(*same),
        first=st.first_wins(score, sides == 1),
        position=st.position_bias(score, sides == 1),
        seconds=float(np.median(seconds)) if seconds else None,
    )


def _between(task: Task, said: Sequence[Said]) -> list[Between]:
    by_person = {name: {each.shown.item.key: each for each in own if each.value is not None} for name, own in _by(said, lambda e: e.who)}
    found = []
    for one, other in combinations(by_person, 2):
        both = [key for key in by_person[one] if key in by_person[other]]
        if not both:
            continue
        ours, theirs = ([by_person[who][key] for key in both] for who in (one, other))
        items = [[each] for each in ours]
        scores = _per_prompt(items, [_value(each) for each in ours]), _per_prompt(items, [_value(each) for each in theirs])
        credit = st.tie_discounted(*scores) if task == "pair" else None
        found.append(Between(task, one, other, credit, st.strict(*scores), st.kappa(*scores)))
    return found


def _graded(task: Task, arm: str, said: Sequence[Said]) -> Graded:
    """Each answer once, by the mean of its judges; the shares are of single verdicts, each prompt weighing the same."""
    items = list(_by_item(said).values())
    flat = [[each] for of_item in items for each in of_item]
    means = _per_prompt(items, [float(np.mean([_value(each) for each in of_item])) for of_item in items])
    single = _per_prompt(flat, [_value(each) for (each,) in flat])
    missing = np.isnan(single)
    shares = [(word, _mean(np.where(missing, np.nan, single == value))) for word, value in sorted(SCALES[task].items(), key=lambda i: i[1])]
    return Graded(task, arm, _mean(means), shares)


def _mean(values: Floats) -> st.Estimate:
    """Over prompts, what stands on the axis before them averaged."""
    of_prompts = st.per_prompt(values)
    of_prompts = of_prompts[~np.isnan(of_prompts)]
    if not of_prompts.size:
        return st.Estimate(None, 0, None, "there is no verdict")
    interval = st.mean_interval(values[None])
    reason = "" if interval else "one prompt says nothing about others"
    return st.Estimate(float(of_prompts.mean()), int(of_prompts.size), interval, reason)


def _value(said: Said) -> float:
    assert said.value is not None
    return said.value
