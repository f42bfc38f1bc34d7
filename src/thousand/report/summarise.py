"""From all that a run knows to its result."""

from __future__ import annotations

from thousand.report import arrays
from thousand.report.arms import results
from thousand.report.caveats import caveats
from thousand.report.compare import compare
from thousand.report.evidence import Evidence
from thousand.report.set_aside import set_aside
from thousand.report.summary import Cost, Question, Summary
from thousand.report.verdict import decide


def summarise(evidence: Evidence) -> Summary:
    """The run's result. Pure: the same evidence gives the same summary; ``report`` is empty until a page is written."""
    rated = arrays.rated(evidence.verdicts)
    paired = arrays.paired(evidence.verdicts, evidence.claim.name)
    arms = results(evidence, rated)
    void = set_aside(arms)
    comparisons = [each.model_copy(update={"void": void.get(each.b)}) for each in compare(evidence.arms, rated, paired)]
    return Summary(
        verdict=decide(arms, comparisons, evidence.judges, void, evidence.contamination),
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
        cost=_cost(evidence),
        warnings=caveats(evidence, arms, comparisons),
    )


def _cost(evidence: Evidence) -> Cost:
    verdicts = evidence.verdicts
    asked = verdicts.select(["judge", "prompt_id", "sample", "a", "a_seed", "b", "b_seed", "order"])
    costs = [cost for cost in verdicts["cost"].to_pylist() if cost is not None]
    tokens = [n for arm in evidence.arms for table in arm.answers.values() for n in table["tokens"].to_pylist() if n is not None]
    return Cost(
        seconds=sum(evidence.seconds.values()),
        seconds_by_stage=dict(evidence.seconds),
        seconds_by_arm={arm.name: arm.seconds for arm in evidence.arms},
        peak_memory_mb=evidence.peak_memory_mb,
        tokens_generated=sum(tokens),
        judge_calls=asked.group_by(asked.column_names).aggregate([]).num_rows,
        judge_cost=sum(costs) if costs else None,
    )
