"""From all that a run knows to its result."""

from __future__ import annotations

from collections.abc import Mapping

import pyarrow.compute as pc

from thousand import tables
from thousand.report import arrays
from thousand.report.arms import results
from thousand.report.caveats import caveats
from thousand.report.compare import compare
from thousand.report.doubts import doubted, doubts
from thousand.report.enough import curves
from thousand.report.evidence import Evidence
from thousand.report.heard import OVERALL, heard
from thousand.report.set_aside import set_aside
from thousand.report.spent import spent
from thousand.report.summary import Question, Summary
from thousand.report.verdict import decide


def summarise(evidence: Evidence) -> Summary:
    """The run's result. Pure: the same evidence gives the same summary; ``report`` is empty until a page is written."""
    rated = arrays.rated(evidence.verdicts)
    paired = arrays.paired(evidence.verdicts, evidence.claim.name)
    arms = results(evidence, rated)
    void = set_aside(arms)
    comparisons = [each.model_copy(update={"void": void.get(each.b)}) for each in compare(evidence.arms, rated, paired)]
    judges = heard(evidence, rated, paired)
    verdict = decide(arms, comparisons, evidence.judges, void, evidence.contamination)
    speaks_against = doubts(
        arms, comparisons, evidence.judges, judges, evidence.contamination, evidence.awaited, evidence.prompts, _looked_at(evidence, paired)
    )
    return Summary(
        verdict=doubted(verdict, speaks_against),
        question=Question(
            pool=evidence.pool.read,
            base=evidence.recipe.base,
            prompts=evidence.prompts,
            seeds=evidence.recipe.seeds,
            judges=list(evidence.judges),
        ),
        arms=arms,
        comparisons=comparisons,
        pool=evidence.pool,
        contamination=evidence.contamination,
        cost=spent(evidence, rated),
        warnings=caveats(evidence, arms, comparisons),
        curves=curves(evidence, arms, rated, paired),
        noise=judges.noise,
        agreement=judges.agreement,
        alpha=judges.alpha,
        biases=judges.biases,
        shift=evidence.shift,
    )


def _looked_at(evidence: Evidence, paired: Mapping[arrays.Key, arrays.Paired]) -> dict[str, int]:
    """Of each arm the prompts that people judged it on, also those where they could not tell."""
    mine = evidence.verdicts.filter(pc.equal(evidence.verdicts["judge"], tables.PEOPLE))
    alone = mine.filter(pc.is_null(mine["b"]))
    rated = {arm: len(pc.unique(alone["prompt_id"].filter(pc.equal(alone["a"], arm)))) for arm in pc.unique(alone["a"]).to_pylist()}
    seen = {b: pair.rows for (judge, criterion, b), pair in paired.items() if (judge, criterion) == (tables.PEOPLE, OVERALL)}
    return rated | {b: len(pc.unique(rows["prompt_id"])) for b, rows in seen.items()}
