"""How many are enough? A curve for each family of arms over its budgets, and the answer in words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from thousand import statistics as st
from thousand.recipe import Recipe
from thousand.recipe.margin import Margin
from thousand.report import arrays, wording
from thousand.report.arrays import Floats
from thousand.report.compare import bounds
from thousand.report.evidence import Evidence
from thousand.report.heard import OVERALL
from thousand.report.measures import Curve, CurveFit, CurvePoint
from thousand.report.summary import ArmResult
from thousand.statistics.saturation import FEWEST


def curves(
    evidence: Evidence,
    arms: Sequence[ArmResult],
    rated: Mapping[arrays.Key, arrays.Rated],
    paired: Mapping[arrays.Key, arrays.Paired],
) -> list[Curve]:
    """The claim's family first, each by every deciding judge that saw two of its budgets or more."""
    families: dict[str, list[ArmResult]] = {}
    for arm in arms:
        if arm.family is not None and arm.budget is not None:
            families.setdefault(arm.family, []).append(arm)
    ours = arms[0].family
    found = []
    for family in sorted(families, key=lambda name: name != ours):
        for judge in evidence.judges:
            unit, values = _measurements(families[family], judge, evidence.claim.name, rated, paired)
            if len(values) > 1:
                found.append(_curve(family, judge, unit, families[family], values, evidence.recipe.margin))
    return [_beside_equal_steps(curve, found, evidence.recipe) for curve in found]


def _measurements(
    arms: Sequence[ArmResult],
    judge: str,
    claim: str,
    rated: Mapping[arrays.Key, arrays.Rated],
    paired: Mapping[arrays.Key, arrays.Paired],
) -> tuple[str, dict[str, Floats]]:
    """The unit, and for each arm its ratings or its net wins against the claim: (claim's seeds or 1, own seeds, prompts)."""
    ratings = {arm.name: rated[judge, OVERALL, arm.name].by_seed[None] for arm in arms if (judge, OVERALL, arm.name) in rated}
    pairs = {
        arm.name: -st.per_prompt(paired[judge, OVERALL, arm.name].score, keep=2) for arm in arms if (judge, OVERALL, arm.name) in paired
    }
    unit, values = ("rating", ratings) if len(ratings) > len(pairs) else ("net", pairs)
    if unit == "net" and values and claim in {arm.name for arm in arms}:
        shape = next(iter(values.values())).shape
        values[claim] = np.zeros((shape[0], 1, shape[2]))
    values = {name: each for name, each in values.items() if not np.isnan(each).all()}
    if len({len(each) for each in values.values()}) > 1:  # not every arm met the same seeds of the claim
        values = {name: st.per_prompt(np.moveaxis(each, 1, 0), keep=1)[None] for name, each in values.items()}
    return unit, values


def _curve(family: str, judge: str, unit: str, arms: Sequence[ArmResult], values: Mapping[str, Floats], margins: Margin) -> Curve:
    by_budget = {arm.budget: arm for arm in arms if arm.name in values and arm.budget is not None}
    margin = margins.rating if unit == "rating" else margins.net
    found = st.budget_curve([(k, values[arm.name]) for k, arm in by_budget.items()], margin)
    points = [_point(by_budget[each.k], each, found, margin) for each in found.budgets]
    return Curve(
        family=family,
        judge=judge,
        unit="rating" if unit == "rating" else "net",
        margin=margin,
        points=points,
        best=found.best,
        smallest=found.smallest,
        fit=_fit(found.fit),
        sentence=_sentence(points, found, unit, margin),
        notes=[*_notes(points, found, unit, margin), *_left_out(arms, values), *_in_common(points, values)],
        needs_prompts=found.prompts_needed if found.smallest is None else None,
        needs_seeds=found.seeds_needed if found.smallest is None else None,
    )


def _point(arm: ArmResult, found: st.Budget, curve: st.BudgetCurve, margin: float) -> CurvePoint:
    return CurvePoint(
        arm=arm.name,
        budget=found.k,
        steps=arm.steps,
        epochs=arm.epochs,
        seeds=max(1, arm.seeds),
        n=found.n,
        value=found.mean,
        interval=bounds(found.interval),
        loss=found.loss,
        loss_at_most=found.at_most,
        loss_at_least=found.at_least,
        enough=found.at_most is not None and found.at_most <= margin,
    )


def _fit(found: st.Saturation | None) -> CurveFit | None:
    if found is None:
        return None
    return CurveFit(
        limit=found.limit,
        drop=found.drop,
        rate=found.rate,
        at=list(found.at),
        values=list(found.values),
        low=[each.low for each in found.band],
        high=[each.high for each in found.band],
        off=found.off,
    )


def _sentence(points: Sequence[CurvePoint], found: st.BudgetCurve, unit: str, margin: float) -> str:
    within = _amount(margin, unit)
    surely_worse = [point.budget for point in points if point.loss_at_least is not None and point.loss_at_least > margin]
    less = f" {_budgets(surely_worse)} lose more." if surely_worse else ""
    if found.smallest is None:
        looks = f" {found.target:,} look as if they were" if found.target is not None else ""
        if not looks:
            return "The data cannot tell: the budgets have too few prompts in common."
        return f"The data cannot tell how many are enough.{looks}{_more(found, points)}.{less}"
    open_ = [point.budget for point in points if point.budget < found.smallest and point.budget not in surely_worse]
    unknown = f" Whether {_budgets(open_)} are cannot be told." if open_ else ""
    return f"{found.smallest:,} are enough: no budget tried is more than {within} better, 95% sure.{less}{unknown}"


def _more(found: st.BudgetCurve, points: Sequence[CurvePoint]) -> str:
    """What would tell, where the data cannot."""
    ways = []
    if found.prompts_needed is not None:
        ways.append(f"about {wording.plural(found.prompts_needed, 'prompt')}")
    if found.seeds_needed is not None:
        ways.append(f"about {wording.plural(found.seeds_needed, 'seed')} of each budget")
    if not ways and min(point.seeds for point in points) == 1:
        return "; what more prompts or seeds would show, one seed of a budget cannot say"
    if not ways:
        return ", and neither more prompts alone nor more seeds alone would show it"
    return f"; {' or '.join(ways)} would show it in four of five tries if they are"


def _notes(points: Sequence[CurvePoint], found: st.BudgetCurve, unit: str, margin: float) -> Iterator[str]:
    largest, steps = points[-1], [point.steps for point in points]
    if len(set(steps)) > 1:
        yield (
            f"The budgets were trained for {min(steps):,} to {max(steps):,} steps: a small one may show too few steps and a large one too"
            " many, whatever the examples."
        )
    if largest.loss_at_least:
        yield (
            f"The curve falls: {largest.budget:,} examples lose at least {_amount(largest.loss_at_least, unit)} against {found.best:,}."
            " More examples came with harm of another kind: look at their steps and at what the arms still know."
        )
    if min(point.seeds for point in points) == 1:
        yield "One seed of some budgets: the bounds do not speak of other seeds of them."
    if found.fit is not None and found.fit.off > margin:
        yield f"The fitted curve misses a budget by {_amount(found.fit.off, unit)}, more than the margin: read the points, not the curve."
    elif found.fit is None:
        yield f"No curve is fitted: {'there are fewer than four budgets' if len(points) < FEWEST else 'the means do not rise'}."


def _left_out(arms: Sequence[ArmResult], values: Mapping[str, Floats]) -> Iterator[str]:
    for arm in arms:
        if arm.failed is not None:
            yield f"{arm.name} is not on the curve: it has no model ({arm.failed.rstrip('.')})."
        elif arm.name not in values:
            yield f"{arm.name} is not on the curve: this judge did not see it."
        elif arm.collapsed:
            yield f"{arm.name} kept {wording.percent(arm.knowledge_after)} of what the base knew: its place shows forgetting."


def _in_common(points: Sequence[CurvePoint], values: Mapping[str, Floats]) -> Iterator[str]:
    judged = max(int((~np.isnan(st.per_prompt(values[point.arm]))).sum()) for point in points)
    if (fewest := min(point.n for point in points)) < judged:
        yield f"The budgets are compared on the {wording.plural(fewest, 'prompt')} that all of them were judged on, of {judged:,}."


def _beside_equal_steps(curve: Curve, every: Sequence[Curve], recipe: Recipe) -> Curve:
    """The curve with what the same choice gives at an equal number of steps, where both were tried."""
    if _equal(curve):
        return curve
    first = curve.points[0].arm
    for other in every:
        same = other.judge == curve.judge and other.unit == curve.unit and other.family != curve.family and _equal(other)
        known = first in recipe.arms and other.points[0].arm in recipe.arms
        if same and known and recipe.arms[first].chooses_as(recipe.arms[other.points[0].arm]):
            answer = "the data cannot tell" if other.smallest is None else f"{other.smallest:,} are enough"
            said = f"{curve.sentence} At an equal number of steps ({other.family}, {other.points[0].steps:,}) {answer}."
            return curve.model_copy(update={"equal_steps": other.family, "sentence": said})
    return curve


def _equal(curve: Curve) -> bool:
    return len({point.steps for point in curve.points}) == 1


def _budgets(budgets: Sequence[int]) -> str:
    return wording.listed([f"{k:,}" for k in budgets])


def _amount(value: float, unit: str) -> str:
    return f"{value:.2g} rating points" if unit == "rating" else f"{100 * value:.0f} points of net wins"
