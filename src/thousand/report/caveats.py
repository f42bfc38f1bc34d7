"""What could have fooled us about the design of a study; what speaks against the verdict itself is in `thousand.report.doubts`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from thousand.report import wording
from thousand.report.checkpoints import forgotten
from thousand.report.evidence import Evidence
from thousand.report.set_aside import GUARD_DROP
from thousand.report.summary import ArmResult, Comparison

FEW_PROMPTS = 30
FEW_DRAWS = 3


def caveats(evidence: Evidence, arms: Sequence[ArmResult], comparisons: Sequence[Comparison]) -> list[str]:
    """Warnings, the gravest first; empty when there is nothing to warn of."""
    return [
        *_data(evidence),
        *_judging(evidence, arms, comparisons),
        *_missing_arms(arms),
        *_training(arms),
        *_shown(evidence),
        *(f"{name} could not be measured: {why.rstrip('.')}." for name, why in evidence.unmeasured.items()),
        *forgotten(evidence.arms),
    ]


def _data(evidence: Evidence) -> Iterator[str]:
    if not evidence.pool.balanced:
        yield "The pool's account does not balance: rows read are not the sum of rows kept, dropped and rejected."
    if evidence.prompts < FEW_PROMPTS:
        yield f"Only {wording.plural(evidence.prompts, 'prompt')}: intervals over so few are rough."


def _judging(evidence: Evidence, arms: Sequence[ArmResult], comparisons: Sequence[Comparison]) -> Iterator[str]:
    if not evidence.judges and not evidence.awaited:
        yield "Nothing was judged: the recipe names no judge."
    for judge in evidence.judges if arms[0].failed is None else ():  # a claim without a model is compared with nothing
        own = [each for each in comparisons if each.judge == judge and each.criterion == "overall"]
        unseen = [arm.name for arm in arms[1:] if arm.failed is None and arm.name not in {each.b for each in own if each.n}]
        if unseen:
            yield f"No verdicts by {judge} on {wording.listed(unseen)}."
        partly = [each.b for each in own if 0 < each.n < evidence.prompts]
        if partly:
            fewest = min(each.n for each in own if each.n)
            yield f"Not every prompt has a verdict by {judge} for {wording.listed(partly)}: down to {fewest} of {evidence.prompts}."


def _missing_arms(arms: Sequence[ArmResult]) -> Iterator[str]:
    claim = arms[0]
    strategies = {arm.strategy for arm in arms if arm.role in ("claim", "baseline")}
    missing = [name for name in ("random", "longest", "all") if name not in strategies]
    if missing:
        yield f"No arm selects {wording.listed(missing)}: a baseline that should always be there to be beaten."
    if not any(arm.role == "base" for arm in arms):
        yield "The untouched base is not among the arms: what alignment added cannot be seen."
    for arm in arms:
        if arm.strategy == "random" and arm.draws < FEW_DRAWS:
            yield f"{arm.name} is {wording.plural(arm.draws, 'random draw')}; draws differ, and {FEW_DRAWS} or more should be averaged."
        if 1 < arm.draws < arm.seeds:
            yield (
                f"{arm.name} has {arm.seeds} seeds of {arm.draws} draws: those of one draw share their examples, and the intervals take"
                " them for independent. Give it as many draws as seeds."
            )
    quantity = [arm for arm in arms[1:] if arm.role == "baseline" and arm.examples > claim.examples]
    if quantity and not any(arm.steps <= claim.steps for arm in quantity):
        yield "Quantity is not compared at equal steps: every larger arm was trained for longer than the claim."
    if quantity and not any(arm.steps > claim.steps for arm in quantity):
        yield "Quantity is compared at equal steps only: no larger arm was trained for longer, so none saw all that it has."


def _shown(evidence: Evidence) -> Iterator[str]:
    for arm in evidence.arms:
        counts = [each for table in arm.answers.values() for each in table["shown"].to_pylist() if each is not None]
        if counts and min(counts) < arm.examples:
            mean = sum(counts) / len(counts)
            yield (
                f"Not all of {arm.name}'s {arm.examples} examples had room before every prompt: {mean:.1f} on average, "
                f"{min(counts)} at the fewest."
            )


def _training(arms: Sequence[ArmResult]) -> Iterator[str]:
    claim = arms[0]
    single = [arm.name for arm in arms if arm.seeds == 1 and arm.role in ("claim", "baseline")]
    if single:
        yield f"One seed of {wording.listed(single)}: the intervals there do not speak of other seeds."
    guarded = {arm.guards for arm in arms if arm.role == "guard"}
    longest = max((arm.steps for arm in arms if arm.name in guarded), default=claim.steps)
    unguarded = [arm.name for arm in arms[1:] if arm.role == "baseline" and arm.steps > longest]
    if unguarded:
        yield f"No guard for {wording.listed(unguarded)}: whether so many steps do harm by themselves was not tried."
    for arm in arms:
        if arm.role == "guard" and arm.failed is None and arm.mean_rating is None and arm.knowledge_after is None:
            yield f"{arm.name} was neither rated nor asked what it knows: it guards nothing."
    if all(arm.knowledge_before is None for arm in arms):
        yield f"What the base knew was not measured: forgetting is seen only in ratings (a guard that falls by more than {GUARD_DROP:g})."
