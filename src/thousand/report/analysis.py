"""What a table of verdicts says by itself, with no run behind it: who won, how sure that is, and what the judge leans on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from thousand import statistics as st
from thousand.report import arrays

Floats = NDArray[np.float64]
Place = tuple[str, int, str, int]
"""Where an answer stands: arm, seed, prompt, sample."""


@dataclass(frozen=True)
class Bias:
    """What a judge leans on besides the answers, over single verdicts on pairs.

    Attributes:
        ties: share of verdicts that are ties. flips: share of pairs whose outcome changes with the order.
        first: how often the answer shown first wins, ties apart. longer: the same of the longer answer.
        at_equal_length: the claim's win rate with the help of length taken out.
    """

    ties: st.Estimate
    flips: st.Estimate
    first: st.Estimate
    longer: st.Estimate
    at_equal_length: st.Estimate


@dataclass(frozen=True)
class Duel:
    """One arm against another, as one judge saw them on one criterion.

    Attributes:
        kind: ``pair`` where both answers were shown at once, ``rating`` where each was rated by itself.
        wins: a's, over prompts; both orders of a pair are one verdict, and orders that disagree are a tie.
        p: paired permutation test; ``p_holm`` corrected for the number of duels of this judge and criterion.
        resolves: the smallest net difference that so many prompts find in four of five tries.
        bias: None for ratings.
        unread: verdicts or ratings that could not be read.
    """

    a: str
    b: str
    judge: str
    criterion: str
    kind: str
    wins: st.Wins
    p: float | None
    resolves: st.Estimate
    bias: Bias | None
    unread: int
    p_holm: float | None = None


@dataclass(frozen=True)
class Mean:
    """How one judge rated one arm on one criterion."""

    arm: str
    judge: str
    criterion: str
    rating: st.Estimate


@dataclass(frozen=True)
class Agreed:
    """How far two judges agree about pairs that both decided; a rater prefers the answer it rates higher."""

    first: str
    second: str
    tie_discounted: st.Agreement
    strict: st.Agreement
    without_ties: st.Agreement
    kappa: st.Agreement


@dataclass(frozen=True)
class Analysis:
    """All that a table of verdicts says.

    Attributes:
        verdicts: rows. unread: rows without a verdict or rating.
        strengths: Bradley-Terry's, of three arms and more, by judge; in log odds.
        alpha: Krippendorff's, of all judges together; None with fewer than two.
        alike: pairs of arms whose answers are all but the same, and arms that give one answer to a large part of the prompts.
    """

    verdicts: int
    unread: int
    duels: Sequence[Duel]
    means: Sequence[Mean]
    strengths: Mapping[str, Mapping[str, st.Estimate]]
    agreement: Sequence[Agreed]
    alpha: st.Agreement | None
    alike: Sequence[str]


def analyse(verdicts: pa.Table, answers: Mapping[tuple[str, int], pa.Table] | None = None) -> Analysis:
    """Work through a table of verdicts.

    Args:
        verdicts: schema `tables.VERDICTS`, of any judges and arms. Arms stand in the order in which they first occur.
        answers: what was judged, by arm and seed (schema `tables.ANSWERS`), for what length has to do with it; without them those figures
            are null and say so.
    """
    unread = pc.and_(pc.is_null(verdicts["verdict"]), pc.is_null(verdicts["rating"]))
    arms = list(dict.fromkeys(name for row in zip(*(verdicts[side].to_pylist() for side in "ab"), strict=True) for name in row if name))
    lengths = _lengths(answers or {})
    rated = arrays.rated(verdicts)
    duels = [*_pairs(verdicts, arms, lengths), *_ratings(rated, arms)]
    judged = {judge: _choices(verdicts, arms, judge, rated) for judge in dict.fromkeys(verdicts["judge"].to_pylist())}
    return Analysis(
        verdicts=verdicts.num_rows,
        unread=pc.sum(unread).as_py() or 0,
        duels=_corrected(duels),
        means=[Mean(arm, judge, criterion, _mean(each.by_seed)) for (judge, criterion, arm), each in rated.items()],
        strengths={judge: found for judge in judged if len(arms) > 2 and (found := _strengths(duels, arms, judge, verdicts, rated))},
        agreement=_agreement(judged),
        alpha=_alpha(judged),
        alike=_alike(answers or {}),
    )


def _pairs(verdicts: pa.Table, arms: Sequence[str], lengths: Mapping[Place, int]) -> Iterator[Duel]:
    for at, a in enumerate(arms):
        for (judge, criterion, b), found in arrays.paired(verdicts, a).items():
            if b in arms[at + 1 :]:
                yield _duel(a, b, judge, criterion, "pair", found.score, found.unparsed, _bias(verdicts, a, b, judge, criterion, lengths))


def _ratings(rated: Mapping[arrays.Key, arrays.Rated], arms: Sequence[str]) -> Iterator[Duel]:
    for judge, criterion in dict.fromkeys(key[:2] for key in rated):
        for a, b in combinations([arm for arm in arms if (judge, criterion, arm) in rated], 2):
            ours, theirs = rated[judge, criterion, a], rated[judge, criterion, b]
            score = st.versus(ours.values, theirs.values)
            yield _duel(a, b, judge, criterion, "rating", score, ours.unparsed + theirs.unparsed, None)


def _duel(a: str, b: str, judge: str, criterion: str, kind: str, score: Floats, unread: int, bias: Bias | None) -> Duel:
    each = st.per_prompt(st.per_prompt(score, keep=2))
    resolves = st.smallest_difference(each, max(1, int((~np.isnan(each)).sum())))
    return Duel(a, b, judge, criterion, kind, st.wins(score), st.sign_flip_test(each), resolves, bias, unread)


def _corrected(duels: Sequence[Duel]) -> list[Duel]:
    families: dict[tuple[str, str], list[int]] = {}
    for at, duel in enumerate(duels):
        families.setdefault((duel.judge, duel.criterion), []).append(at)
    corrected = list(duels)
    for family in families.values():
        for at, p in zip(family, st.holm([duels[at].p for at in family]), strict=True):
            corrected[at] = replace(duels[at], p_holm=p)
    return corrected


def _bias(verdicts: pa.Table, a: str, b: str, judge: str, criterion: str, lengths: Mapping[Place, int]) -> Bias:
    """Over single verdicts: a pair that was judged in both orders gives two."""
    rows = [
        row
        for row in verdicts.select(
            ["prompt_id", "sample", "judge", "criterion", "a", "a_seed", "b", "b_seed", "order", "verdict"]
        ).to_pylist()
        if row["judge"] == judge and row["criterion"] == criterion and {row["a"], row["b"]} == {a, b}
    ]
    score, first, longer, orders = [], [], [], {"ab": {}, "ba": {}}  # type: ignore[var-annotated]
    for row in rows:
        turned = row["a"] != a
        said = np.nan if row["verdict"] is None else {"a": 1.0, "tie": 0.0, "b": -1.0}[row["verdict"]]
        score.append(-said if turned else said)
        first.append(np.nan if row["order"] is None else float((row["order"] == "ab") != turned))
        ours, theirs = (
            lengths.get((row[side], row[f"{side}_seed"], row["prompt_id"], row["sample"])) for side in ("ba" if turned else "ab")
        )
        longer.append(np.nan if ours is None or theirs is None else float(ours - theirs))
        if row["order"]:
            pair = (row["prompt_id"], row["sample"], *((row["b_seed"], row["a_seed"]) if turned else (row["a_seed"], row["b_seed"])))
            orders["ab" if first[-1] else "ba"][pair] = score[-1]
    prompts = [row["prompt_id"] for row in rows]
    scores, firsts, longers = st.by_prompt(prompts, np.array(score), np.array(first), np.array(longer))
    shown = np.where(np.isnan(firsts), np.nan, scores)  # without an order nobody knows who came first
    both = [pair for pair in orders["ab"] if pair in orders["ba"]]
    one, other = st.by_prompt([pair[0] for pair in both], *(np.array([orders[o][pair] for pair in both]) for o in ("ab", "ba")))
    known = ~np.isnan(longers).all()
    unknown = st.Estimate(None, 0, None, "the answers are not at hand: their lengths are not known")
    return Bias(
        ties=st.tie_rate(scores),
        flips=st.flip_rate(one, other),
        first=st.first_wins(shown, firsts == 1),
        longer=st.longer_wins(np.where(np.isnan(longers), np.nan, scores), np.nan_to_num(longers)) if known else unknown,
        at_equal_length=st.length_controlled(scores, longers).win_rate if known else unknown,
    )


def _lengths(answers: Mapping[tuple[str, int], pa.Table]) -> dict[Place, int]:
    """Characters of each answer."""
    found: dict[Place, int] = {}
    for (arm, seed), table in answers.items():
        for prompt, sample, answer in zip(*(table[name].to_pylist() for name in ("prompt_id", "sample", "answer")), strict=True):
            if answer is not None:
                found[arm, seed, prompt, sample] = len(answer)
    return found


def _mean(by_seed: Floats) -> st.Estimate:
    of_prompts = st.per_prompt(by_seed)
    n = int((~np.isnan(of_prompts)).sum())
    if n == 0:
        return st.Estimate(None, 0, None, "no rating could be read")
    interval = st.mean_interval(by_seed)
    return st.Estimate(float(np.nanmean(of_prompts)), n, interval, "" if interval else "one prompt says nothing about others")


def _strengths(
    duels: Sequence[Duel], arms: Sequence[str], judge: str, verdicts: pa.Table, rated: Mapping[arrays.Key, arrays.Rated]
) -> dict[str, st.Estimate]:
    """Of the arms that this judge saw, by its verdicts on pairs or else by its ratings."""
    own = [duel for duel in duels if (duel.judge, duel.criterion) == (judge, "overall")]
    names = [arm for arm in arms if any(arm in (duel.a, duel.b) for duel in own)]
    if len(names) < 3:
        return {}
    scores: dict[tuple[str, str], Floats] = {}
    for duel in own:
        if duel.kind == "pair":
            scores[duel.a, duel.b] = st.per_prompt(arrays.paired(verdicts, duel.a)[judge, "overall", duel.b].score)
        elif (duel.a, duel.b) not in scores:
            scores[duel.a, duel.b] = st.per_prompt(st.versus(*(rated[judge, "overall", arm].values for arm in (duel.a, duel.b))))
    table = np.full((len(names), len(names), next(iter(scores.values())).size), np.nan)
    for (a, b), score in scores.items():
        table[names.index(a), names.index(b)] = score
    return dict(zip(names, st.bradley_terry(names, table).estimates, strict=True))


def _choices(
    verdicts: pa.Table, arms: Sequence[str], judge: str, rated: Mapping[arrays.Key, arrays.Rated]
) -> dict[tuple[str, str], Floats]:
    """What a judge decided about each pair of arms: (a's seeds, b's seeds, samples, prompts) by pair."""
    found: dict[tuple[str, str], Floats] = {}
    for at, a in enumerate(arms):
        for (who, criterion, b), each in arrays.paired(verdicts, a).items():
            if (who, criterion) == (judge, "overall") and b in arms[at + 1 :]:
                found[a, b] = each.score
    for a, b in combinations([arm for arm in arms if (judge, "overall", arm) in rated], 2):
        found.setdefault((a, b), st.versus(rated[judge, "overall", a].values, rated[judge, "overall", b].values))
    return found


def _agreement(judged: Mapping[str, Mapping[tuple[str, str], Floats]]) -> list[Agreed]:
    measures = (st.tie_discounted, st.strict, st.without_ties, st.kappa)
    found = []
    for one, other in combinations(judged, 2):
        shared = _shared([judged[one], judged[other]])
        if shared is not None:
            found.append(Agreed(one, other, *(measure(*shared) for measure in measures)))
    return found


def _alpha(judged: Mapping[str, Mapping[tuple[str, str], Floats]]) -> st.Agreement | None:
    shared = _shared(list(judged.values())) if len(judged) > 1 else None
    return None if shared is None else st.alpha(np.stack(shared), "ordinal")


def _shared(decided: Sequence[Mapping[tuple[str, str], Floats]]) -> list[Floats] | None:
    """What several judges decided about the pairs that all of them saw in equal shape, a row for each item and pair: (items, prompts)."""
    pairs = [pair for pair in decided[0] if all(pair in each and each[pair].shape == decided[0][pair].shape for each in decided[1:])]
    if not pairs:
        return None
    return [np.concatenate([each[pair].reshape(-1, each[pair].shape[-1]) for pair in pairs]) for each in decided]


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
