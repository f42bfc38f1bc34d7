"""What became of each arm: its ratings, what it still knows, how its answers end."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pyarrow as pa

from thousand.report import arrays
from thousand.report.compare import bounds
from thousand.report.evidence import ArmEvidence, Evidence
from thousand.report.known import by_kind, forgot
from thousand.report.summary import ArmResult, Rating
from thousand.statistics import mean_interval, per_prompt

KEEPS = 0.9
"""An arm that keeps less of what the base knew has collapsed: it was trained too hard, whatever its data."""
ENOUGH_FACTS = 10
"""With fewer facts known beforehand a single slip would look like a collapse, and nothing is said."""

BY_CHANCE = 0.05
"""Nor is anything said where so much is lost by chance: guessed choices are guessed otherwise the next time."""


def results(evidence: Evidence, rated: Mapping[arrays.Key, arrays.Rated]) -> list[ArmResult]:
    """One result for each arm, in recipe order."""
    return [_result(evidence, arm, rated) for arm in evidence.arms]


def _result(evidence: Evidence, arm: ArmEvidence, rated: Mapping[arrays.Key, arrays.Rated]) -> ArmResult:
    ratings = [_rating(judge, criterion, each) for (judge, criterion, name), each in rated.items() if name == arm.name]
    ratings = [rating for rating in ratings if rating.n]
    overall, correct = (
        next(
            (rating for rating in ratings if (rating.judge, rating.criterion) == (rating_judge(evidence, rated, criterion), criterion)),
            None,
        )
        for criterion in ("overall", "correct")
    )
    before, known = knew(evidence.base_knowledge)
    after = 1.0 if arm.role == "base" and known else still_known(arm.knowledge, known)
    p = forgot(evidence.base_knowledge, arm.knowledge)
    judged = [each.values.shape[0] for (_, _, name), each in rated.items() if name == arm.name]
    return ArmResult(
        name=arm.name,
        role=arm.role,
        strategy=arm.strategy,
        guards=arm.guards,
        budget=arm.budget,
        seeds=max(len(arm.answers), *judged, 0),
        draws=arm.draws,
        examples=arm.examples,
        steps=arm.steps,
        epochs=arm.epochs,
        mean_rating=overall.mean if overall else None,
        interval=overall.interval if overall else None,
        correct=correct.mean if correct else None,
        correct_interval=correct.interval if correct else None,
        ratings=ratings,
        knowledge_before=before,
        knowledge_after=after,
        known=by_kind(evidence.base_knowledge, arm.knowledge),
        forgot=p,
        stops=_stops(arm.answers),
        family=arm.family,
        failed=arm.failed,
        length=_length(arm.answers),
        ended=arm.stopped.get("ended"),
        limit=arm.stopped.get("limit"),
        repeats=arm.stopped.get("repeats"),
        collapsed=after is not None and len(known) >= ENOUGH_FACTS and after < KEEPS and (p is None or p < BY_CHANCE),
    )


def knew(knowledge: pa.Table | None) -> tuple[float | None, set[str]]:
    """The share of questions the base knew, and which; None and nothing when none was asked."""
    if knowledge is None or knowledge.num_rows == 0:
        return None, set()
    known = _known(knowledge)
    return (sum(known.values()) / len(known) if known else None), {question for question, yes in known.items() if yes}


def still_known(by_seed: Mapping[int, pa.Table], known: set[str]) -> float | None:
    """The share of what was known that is known still, mean over seeds; None when nothing was known or asked again."""
    shares = []
    for knowledge in by_seed.values():
        again = [yes for question, yes in _known(knowledge).items() if question in known]
        if again:
            shares.append(sum(again) / len(again))
    return float(np.mean(shares)) if shares else None


def _known(knowledge: pa.Table) -> dict[str, bool]:
    """Question to whether it was known; a question without an answer is left out."""
    rows = zip(knowledge["question_id"].to_pylist(), knowledge["known"].to_pylist(), strict=True)
    return {question: known for question, known in rows if known is not None}


def _rating(judge: str, criterion: str, rated: arrays.Rated) -> Rating:
    by_seed = rated.by_seed
    means = per_prompt(by_seed)
    n = int((~np.isnan(means)).sum())
    interval = mean_interval(by_seed)
    return Rating(
        judge=judge,
        criterion=criterion,
        mean=float(np.nanmean(means)) if n else 0.0,
        interval=bounds(interval),
        seeds_resampled=interval is not None and interval.seeds_resampled,
        n=n,
        unparsed=rated.unparsed,
    )


def rating_judge(evidence: Evidence, rated: Mapping[arrays.Key, arrays.Rated], criterion: str) -> str | None:
    """The first deciding judge that rated the claim: one judge for all arms, so that their ratings compare."""
    rating = (judge for judge in evidence.judges if (judge, criterion, evidence.claim.name) in rated)
    return next((judge for judge in rating if rated[judge, criterion, evidence.claim.name].read), None)


def _length(answers: Mapping[int, pa.Table]) -> float | None:
    lengths = [len(answer) for table in answers.values() for answer in table["answer"].to_pylist() if answer is not None]
    return float(np.mean(lengths)) if lengths else None


def _stops(answers: Mapping[int, pa.Table]) -> float | None:
    stops = [stop for table in answers.values() for stop in table["stop"].to_pylist()]
    return stops.count("end_of_turn") / len(stops) if stops else None
