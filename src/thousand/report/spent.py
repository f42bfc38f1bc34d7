"""What each arm cost, and what one rating point gained by it cost."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence

import pyarrow as pa
import pyarrow.compute as pc

from thousand import statistics as st
from thousand import tables
from thousand.report import arrays
from thousand.report.arms import rating_judge
from thousand.report.compare import bounds
from thousand.report.evidence import ArmEvidence, Evidence
from thousand.report.heard import OVERALL
from thousand.report.summary import ArmCost, Cost

Gain = tuple[st.Estimate | None, str]


def spent(evidence: Evidence, rated: Mapping[arrays.Key, arrays.Rated]) -> Cost:
    """All that the run cost, and each arm of it."""
    verdicts = evidence.verdicts
    asked = _single(verdicts).select(["judge", "prompt_id", "sample", "a", "a_seed", "b", "b_seed", "order"])
    costs = [cost for cost in verdicts["cost"].to_pylist() if cost is not None]
    tokens = [n for arm in evidence.arms for table in arm.answers.values() for n in table["tokens"].to_pylist() if n is not None]
    minutes = [each for each in (evidence.judging_minutes, *(arm.minutes for arm in evidence.arms)) if each is not None]
    seconds, money = _judging(evidence)
    judge = rating_judge(evidence, rated, OVERALL)
    return Cost(
        seconds=sum(evidence.seconds.values()),
        seconds_by_stage=dict(evidence.seconds),
        seconds_by_arm={arm.name: arm.seconds for arm in evidence.arms},
        peak_memory_mb=evidence.peak_memory_mb,
        tokens_generated=sum(tokens),
        judge_calls=asked.group_by(asked.column_names).aggregate([]).num_rows,
        judge_cost=sum(costs) if costs else None,
        minutes=sum(minutes) if minutes else None,
        by_arm=[_arm(arm, seconds, money, _gained(evidence, arm, judge, rated)) for arm in evidence.arms],
    )


def _single(verdicts: pa.Table) -> pa.Table:
    """Without what people say together, where what each of them says is there, too."""
    if not any(judge.startswith(tables.person("")) for judge in pc.unique(verdicts["judge"]).to_pylist()):
        return verdicts
    return verdicts.filter(pc.not_equal(verdicts["judge"], tables.PEOPLE))


def _arm(arm: ArmEvidence, judging: Mapping[str, float], money: Mapping[str, float], gained: Gain) -> ArmCost:
    seconds = dict(arm.seconds_by_stage) or ({"select, align, answer": arm.seconds} if arm.seconds else {})
    if arm.name in judging:
        seconds["judge"] = judging[arm.name]
    gain, reason = gained
    points = None if reason or gain is None else gain.value
    return ArmCost(
        arm=arm.name,
        seconds=seconds,
        minutes=arm.minutes,
        money=money.get(arm.name),
        gained=None if gain is None else gain.value,
        gained_interval=None if gain is None else bounds(gain.interval),
        seconds_per_point=_per(sum(seconds.values()), points),
        minutes_per_point=_per(arm.minutes, points),
        money_per_point=_per(money.get(arm.name), points),
        reason=reason,
    )


def _per(cost: float | None, points: float | None) -> float | None:
    return None if cost is None or points is None else cost / points


def _gained(evidence: Evidence, arm: ArmEvidence, judge: str | None, rated: Mapping[arrays.Key, arrays.Rated]) -> Gain:
    """Rating points over the untouched base on the same prompts, and why no cost can be put on one of them."""
    base = next((each for each in evidence.arms if each.role == "base"), None)
    if arm.role == "base":
        return None, "it is the untouched base"
    if arm.failed is not None:
        return None, "it has no model"
    if judge is None:
        return None, "no deciding judge rated answers one by one"
    if base is None or (judge, OVERALL, base.name) not in rated:
        return None, "the untouched base was not rated"
    if (judge, OVERALL, arm.name) not in rated:
        return None, f"{judge} did not rate it"
    gain = st.paired(rated[judge, OVERALL, arm.name].values, rated[judge, OVERALL, base.name].values).difference
    if gain.value is None:
        return None, gain.reason
    if gain.value <= 0:
        return gain, "nothing was gained over the untouched base"
    if gain.interval is None or gain.interval.low <= 0:
        return gain, "no gain over the untouched base was shown"
    return gain, ""


def _judging(evidence: Evidence) -> tuple[dict[str, float], dict[str, float]]:
    """Seconds and money of judging each arm's answers; what a pair took is shared by its two arms."""
    seconds: dict[str, float] = defaultdict(float)
    money: dict[str, float] = defaultdict(float)
    columns: Sequence[Sequence[object]] = [evidence.verdicts[name].to_pylist() for name in ("a", "b", "seconds", "cost")]
    for a, b, took, cost in zip(*columns, strict=True):
        sides = [str(a)] if b is None else [str(a), str(b)]
        for found, value in ((seconds, took), (money, cost)):
            if isinstance(value, int | float):
                for side in sides:
                    found[side] += value / len(sides)
    return dict(seconds), dict(money)
