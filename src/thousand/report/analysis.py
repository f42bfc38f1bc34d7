"""What a table of verdicts says by itself, with no run behind it: who won, how sure that is, and what the judge leans on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from thousand import statistics as st
from thousand.report import arrays, biases, judges_agree, spread
from thousand.report.arrays import Floats
from thousand.report.biases import Bias
from thousand.report.judges_agree import Agreed
from thousand.report.spread import Mean, Noise

_WORTH_FINDING = 0.05


@dataclass(frozen=True)
class Duel:
    """One arm against another, as one judge saw them on one criterion.

    Attributes:
        a, b: the arms. judge, criterion: whose verdicts these are, and on what.
        kind: ``pair`` where both answers were shown at once, ``rating`` where each was rated by itself.
        wins: a's, over prompts; both orders of a pair are one verdict, and orders that disagree are a tie.
        p: paired permutation test; ``p_holm`` corrected for the number of duels of this judge and criterion.
        resolves: the smallest net difference that so many prompts find in four of five tries.
        difference: the net difference seen, or five points where it is smaller. needs: how many prompts find that in four of five tries.
        bias: None for ratings.
        unread: rows without a verdict or rating.
    """

    a: str
    b: str
    judge: str
    criterion: str
    kind: str
    wins: st.Wins
    p: float | None
    resolves: st.Estimate
    difference: float
    needs: st.Estimate
    bias: Bias | None
    unread: int
    p_holm: float | None = None


@dataclass(frozen=True)
class Analysis:
    """All that a table of verdicts says.

    Attributes:
        verdicts: rows. unread: rows without a verdict or rating.
        noise: of each arm that a judge saw with two seeds or more.
        strengths: Bradley-Terry's, of three arms and more, by judge; in log odds.
        alpha: Krippendorff's, of all judges together; None with fewer than two.
        alike: pairs of arms whose answers are all but the same, and arms that give one answer to a large part of the prompts.
    """

    verdicts: int
    unread: int
    duels: Sequence[Duel]
    means: Sequence[Mean]
    noise: Sequence[Noise]
    strengths: Mapping[str, Mapping[str, st.Estimate]]
    agreement: Sequence[Agreed]
    alpha: st.Agreement | None
    alike: Sequence[str]


@dataclass(frozen=True)
class _Compared:
    """Two arms, or one arm twice, by one judge and criterion: (a's seeds, b's seeds, ..., prompts) and the rows behind pairs."""

    a: str
    b: str
    judge: str
    criterion: str
    kind: str
    score: Floats
    unread: int
    rows: pa.Table | None = None


def analyse(verdicts: pa.Table, answers: Mapping[tuple[str, int], pa.Table] | None = None) -> Analysis:
    """Work through a table of verdicts.

    Args:
        verdicts: schema `tables.VERDICTS`, of any judges and arms. Arms stand in the order in which they first occur.
        answers: what was judged, by arm and seed (schema `tables.ANSWERS`), for what length has to do with it; without them those figures
            are null and say so.

    Raises:
        DataError: far more seeds and samples than rows, which no array holds.
    """
    unread = pc.and_(pc.is_null(verdicts["verdict"]), pc.is_null(verdicts["rating"]))
    arms = list(dict.fromkeys(name for row in zip(*(verdicts[side].to_pylist() for side in "ab"), strict=True) for name in row if name))
    judges = list(dict.fromkeys(verdicts["judge"].to_pylist()))
    rated, pairs = arrays.rated(verdicts), arrays.duels(verdicts, arms)
    compared = [*_pairs(pairs, arms), *_ratings(rated, arms)]
    judged = judges_agree.decided(judges, arms, pairs, rated)
    lengths = biases.lengths(answers or {})
    return Analysis(
        verdicts=verdicts.num_rows,
        unread=pc.sum(unread).as_py() or 0,
        duels=_corrected([_duel(each, lengths) for each in compared]),
        means=spread.means(rated),
        noise=spread.noise(pairs, rated),
        strengths={judge: found for judge in judges if (found := _strengths(compared, arms, judge))},
        agreement=judges_agree.agreement(judged),
        alpha=judges_agree.alpha(judged),
        alike=_alike(answers or {}),
    )


def _pairs(pairs: Mapping[arrays.Duo, arrays.Paired], arms: Sequence[str]) -> Iterator[_Compared]:
    """In the order of the arms."""
    place = {arm: at for at, arm in enumerate(arms)}
    for judge, criterion, a, b in sorted(pairs, key=lambda key: place[key[2]]):
        if a != b:
            each = pairs[judge, criterion, a, b]
            yield _Compared(a, b, judge, criterion, "pair", each.score, each.unparsed, each.rows)


def _ratings(rated: Mapping[arrays.Key, arrays.Rated], arms: Sequence[str]) -> Iterator[_Compared]:
    for judge, criterion in dict.fromkeys(key[:2] for key in rated):
        for a, b in combinations([arm for arm in arms if (judge, criterion, arm) in rated], 2):
            ours, theirs = rated[judge, criterion, a], rated[judge, criterion, b]
            score = st.versus(ours.values, theirs.values)
            yield _Compared(a, b, judge, criterion, "rating", score, ours.unparsed + theirs.unparsed)


def _duel(each: _Compared, lengths: Mapping[biases.Place, int]) -> Duel:
    wins = st.wins(each.score)
    of_prompts = st.per_prompt(st.per_prompt(each.score, keep=2))
    difference = max(_WORTH_FINDING, abs(wins.net.value or 0.0))
    return Duel(
        each.a,
        each.b,
        each.judge,
        each.criterion,
        each.kind,
        wins,
        p=st.sign_flip_test(of_prompts),
        resolves=st.smallest_difference(of_prompts, max(1, wins.net.n)),
        difference=difference,
        needs=st.prompts_needed(of_prompts, difference),
        bias=None if each.rows is None else biases.bias(each.rows, lengths),
        unread=each.unread,
    )


def _corrected(duels: Sequence[Duel]) -> list[Duel]:
    families: dict[tuple[str, str], list[int]] = {}
    for at, duel in enumerate(duels):
        families.setdefault((duel.judge, duel.criterion), []).append(at)
    corrected = list(duels)
    for family in families.values():
        for at, p in zip(family, st.holm([duels[at].p for at in family]), strict=True):
            corrected[at] = replace(duels[at], p_holm=p)
    return corrected


def _strengths(compared: Sequence[_Compared], arms: Sequence[str], judge: str) -> dict[str, st.Estimate]:
    """Of three arms or more that this judge saw, by its verdicts on pairs or else by its ratings."""
    own = [each for each in compared if (each.judge, each.criterion) == (judge, "overall")]
    names = [arm for arm in arms if any(arm in (each.a, each.b) for each in own)]
    if len(names) < 3:
        return {}
    table = np.full((len(names), len(names), own[0].score.shape[-1]), np.nan)
    for each in sorted(own, key=lambda each: each.kind == "pair"):
        table[names.index(each.a), names.index(each.b)] = st.per_prompt(each.score)
    return dict(zip(names, st.bradley_terry(names, table).estimates, strict=True))


def _alike(answers: Mapping[tuple[str, int], pa.Table]) -> list[str]:
    """Sentences on answers that are not what their names say."""
    columns = {f"{arm}, seed {seed}" if seed else arm: _by_prompt(table) for (arm, seed), table in answers.items()}
    prompts = sorted({prompt for column in columns.values() for prompt in column})
    lists = {name: [column.get(prompt) for prompt in prompts] for name, column in columns.items()}
    said = [f"{each.first} and {each.second} give the same answer to {each.same.value:.0%} of the prompts." for each in st.twins(lists)]
    for name, column in lists.items():
        if found := st.constant(column):
            said.append(f"{name} gives one and the same answer to {found.share.value:.0%} of the prompts.")
    return said


def _by_prompt(answers: pa.Table) -> dict[str, str | None]:
    """The first sample of each prompt."""
    found: dict[str, str | None] = {}
    for prompt, answer in zip(answers["prompt_id"].to_pylist(), answers["answer"].to_pylist(), strict=True):
        found.setdefault(prompt, answer)
    return found
