"""Was less more? The rule by which a run is answered.

The claim is the first arm; it must beat **every** baseline, the untouched base among them. What is shown examples in context or trained on
preferences is a baseline like any other. The claim's own choice at other budgets (variants) is part of its curve and never of the verdict.

1. An arm that forgot, or whose guard shows that its number of steps does harm by itself, is set aside (`set_aside`): its
   comparison is void and counts neither for nor against the claim.
2. The claim *beats* an arm when the net win rate is positive, its 95% interval (over prompts and seeds) excludes zero, and the
   paired permutation test stays below 0.05 after Holm's correction for the number of arms. It *loses* by the mirror image. Interval and
   test are both asked for: the interval speaks of other seeds, the test is exact where there are few prompts.
3. The outcome by one judge, the first that applies:

   - the claim has no model, nothing was judged, or there is nothing to beat: **cannot tell**
   - the claim itself collapsed: **cannot tell** (forgetting)
   - it loses to an arm with more examples: **more is more**
   - it loses to another arm, of as many examples or fewer: **cannot tell** (a bad choice says nothing about quantity)
   - every arm with more examples, or every arm, was set aside: **cannot tell** (forgetting)
   - it beats every arm that was judged, and one has no model or was not judged: **cannot tell**
   - it beats every arm: **less is more**
   - otherwise: **no difference shown**

   A judge that saw an arm pair by pair and rated it too is heard on the pairs.
4. Judges that decide must agree; the figures told are then those of the judge that is the least sure. Where they differ the outcome is
   **no difference shown**, or **cannot tell** when one says less and another says more, or when one of them cannot tell. People who have
   not judged yet are no judges yet.
5. Test prompts in a training set are named before anything else.
6. What speaks against believing the outcome stands in ``warnings``; what could alone explain a win or a loss is in the sentence too
   (`thousand.report.doubts`). It never changes the outcome: that is what was measured.

How often this is wrong is simulated in `benchmarks/verdict_rule.py`, and shown in `docs/verdict.md`.

Only the criterion "overall" decides; correctness alone is shown beside it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from thousand.report import wording
from thousand.report.summary import ArmResult, Comparison, Contamination, Outcome, Verdict

LEVEL = 0.05
KNEW = 0.9
"""From this share on it can be said that the base knew."""


@dataclass(frozen=True)
class Finding:
    """One judge's outcome and how it is said; of a win or a loss the net win that it rests on."""

    outcome: Outcome
    sentence: str
    net: float = 0.0


def decide(
    arms: Sequence[ArmResult],
    comparisons: Sequence[Comparison],
    judges: Sequence[str],
    void: Mapping[str, str],
    contamination: Contamination,
) -> Verdict:
    """Apply the rule.

    Args:
        arms: in recipe order, the claim first.
        comparisons: of the claim with the others, by any judge and criterion.
        judges: those that decide.
        void: arm to why it is set aside.
    """
    findings = {judge: _by_judge(arms, _heard(comparisons, judge), void) for judge in judges}
    finding = _together(findings) if findings else Finding("cannot tell", "Cannot tell. Nothing was judged.")
    contaminated = {name: rows for name, rows in contamination.training_rows.items() if rows}
    prefix = f"Contaminated: {_contaminated(contaminated)}. " if contaminated else ""
    return Verdict(
        outcome=finding.outcome,
        sentence=prefix + finding.sentence,
        knowledge=_knowledge(arms, finding.outcome, _heard(comparisons, judges[0]) if judges else {}),
        contaminated=bool(contaminated),
        set_aside=list(void.values()),
        by_judge={judge: each.outcome for judge, each in findings.items()},
    )


def beats(comparison: Comparison) -> bool:
    """Whether the claim wins, by interval and test, corrected for the number of arms; never over guards and variants."""
    return _corrected(comparison) and comparison.interval is not None and comparison.interval[0] > 0


def loses(comparison: Comparison) -> bool:
    """Whether the claim loses, likewise."""
    return _corrected(comparison) and comparison.interval is not None and comparison.interval[1] < 0


def _corrected(comparison: Comparison) -> bool:
    return comparison.p_holm is not None and comparison.p_holm < LEVEL


def _heard(comparisons: Sequence[Comparison], judge: str) -> dict[str, Comparison]:
    """The comparisons that decide by one judge: arm to comparison, pairs before ratings."""
    own = [each for each in comparisons if each.judge == judge and each.criterion == "overall" and each.n]
    return {each.b: each for each in sorted(own, key=lambda each: each.kind == "pair")}


def _by_judge(arms: Sequence[ArmResult], heard: Mapping[str, Comparison], void: Mapping[str, str]) -> Finding:
    claim = arms[0]
    others = [arm for arm in arms[1:] if arm.role in ("baseline", "base")]
    standing = [arm for arm in others if arm.name not in void]
    judged = [(arm, heard[arm.name]) for arm in standing if arm.name in heard]
    if claim.failed is not None:
        return Finding("cannot tell", f"Cannot tell. {claim.name} has no model ({claim.failed.rstrip('.')}).")
    if not others:
        return Finding("cannot tell", f"Cannot tell. There is no arm for {claim.name} to beat.")
    if not heard:
        return Finding("cannot tell", "Cannot tell. Nothing was judged.")
    if claim.collapsed:
        return Finding(
            "cannot tell",
            f"Cannot tell. {claim.name} itself kept only {wording.percent(claim.knowledge_after)} of what the base knew:"
            " it was trained too long, and the run shows forgetting, not quantity.",
        )
    lost = sorted(((arm, each) for arm, each in judged if loses(each)), key=lambda found: found[1].net or 0.0)
    larger = [(arm, each) for arm, each in lost if arm.examples > claim.examples]
    if larger:
        arm, worst = larger[0]
        what = "pairs of answers" if arm.strategy == "preferences" else "examples"
        return Finding(
            "more is more",
            f"More was more. {wording.count(arm.examples)} {what} ({arm.name}) beat {_called(claim)} ({_net(worst)}).",
            worst.net or 0.0,
        )
    if lost:
        arm, worst = lost[0]
        return Finding(
            "cannot tell",
            f"Cannot tell. {_called(claim)} lost to {_other(arm)}, which had no more examples ({_net(worst)}):"
            f" that speaks of {'the way to align' if arm.strategy in ('in_context', 'preferences') else 'the choice'}, not of quantity.",
        )
    quantity = [arm for arm in others if arm.examples > claim.examples]
    if quantity and not any(arm in standing for arm in quantity):
        return Finding(
            "cannot tell",
            f"Cannot tell. {wording.listed([arm.name for arm in quantity])} had more examples, but"
            " the training did harm by itself: forgetting, not quantity.",
        )
    if not standing:
        return Finding("cannot tell", f"Cannot tell. Every arm that {claim.name} was to beat was set aside: forgetting, not quantity.")
    return _won_or_not(claim, standing, judged, tested_quantity=bool(quantity), complete=len(standing) == len(others))


def _won_or_not(
    claim: ArmResult,
    standing: Sequence[ArmResult],
    judged: Sequence[tuple[ArmResult, Comparison]],
    *,
    tested_quantity: bool,
    complete: bool,
) -> Finding:
    """When no arm beat the claim."""
    unbeaten = [(arm, each) for arm, each in judged if not beats(each)]
    if unbeaten:
        arm, weakest = min(unbeaten, key=lambda found: found[1].net or 0.0)
        if len(standing) == 1:
            return Finding("no difference shown", f"No difference shown between {claim.name} and {_other(arm)} ({_net(weakest)}).")
        beaten = sum(beats(each) for _, each in judged)
        return Finding(
            "no difference shown",
            f"No difference shown. {_called(claim)} beat {beaten or 'none'} of {len(judged)} baselines;"
            f" against {_other(arm)} the net win is {_points(weakest)}.",
        )
    unjudged = [arm.name for arm in standing if arm.name not in {found.name for found, _ in judged}]
    failed = [f"{arm.name} ({arm.failed.rstrip('.')})" for arm in standing if arm.failed is not None]
    so_far = f"{_called(claim)} beat every baseline that was judged, but " if judged else ""
    if failed:
        has = "has" if len(failed) == 1 else "have"
        return Finding("cannot tell", f"Cannot tell. {so_far}{wording.listed(failed)} {has} no model.")
    if unjudged:
        was = "was" if len(unjudged) == 1 else "were"
        return Finding("cannot tell", f"Cannot tell. {so_far}{wording.listed(unjudged)} {was} not{'' if judged else ' judged'}.")
    smallest = min((each for _, each in judged), key=lambda each: each.net or 0.0)
    every = "every baseline" if complete else "every baseline that was not set aside"
    beat = f"{_called(claim)} beat {every} (smallest net win {_points(smallest)})"
    return Finding(
        "less is more",
        f"Less was more. {beat}." if tested_quantity else f"{beat}; none of them had more examples, so quantity was not tested.",
        smallest.net or 0.0,
    )


def _together(findings: Mapping[str, Finding]) -> Finding:
    """One outcome from several judges. Where they agree the figures are those of the judge that is the least sure."""
    outcomes = {each.outcome for each in findings.values()}
    if len(outcomes) == 1:
        judge, least = min(findings.items(), key=lambda found: abs(found[1].net))
        if len(findings) == 1 or least.outcome == "cannot tell":
            return least
        return replace(least, sentence=f"{least.sentence} So say all judges; the figures are by {judge}.")
    said = "; ".join(f"{judge}: {each.outcome}" for judge, each in findings.items())
    if "cannot tell" in outcomes or {"less is more", "more is more"} <= outcomes:
        return Finding("cannot tell", f"Cannot tell. The judges differ ({said}).")
    return Finding("no difference shown", f"No difference shown. The judges differ ({said}).")


def _knowledge(arms: Sequence[ArmResult], outcome: Outcome, heard: Mapping[str, Comparison]) -> str | None:
    """What the base knew, said only when it knew, the claim still does, and the claim answers better than the base."""
    claim, base = arms[0], next((arm for arm in arms if arm.role == "base"), None)
    knew = claim.knowledge_before
    taught = base is not None and base.name in heard and beats(heard[base.name])
    if knew is None or knew < KNEW or claim.collapsed or claim.knowledge_after is None or not taught:
        return None
    return f"The base already knew {wording.percent(knew)} of the facts; alignment taught it how to answer."


def _called(claim: ArmResult) -> str:
    if claim.strategy in (None, "random", "longest", "all"):
        return claim.name
    return wording.plural(claim.examples, "curated example")


def _other(arm: ArmResult) -> str:
    return "the untouched base" if arm.role == "base" else arm.name


def _points(comparison: Comparison) -> str:
    net = f"{wording.points(comparison.net)} {'point' if abs(round(100 * (comparison.net or 0))) == 1 else 'points'}"
    return f"{net}, 95% interval {wording.points_span(comparison.interval)}" if comparison.interval else net


def _net(comparison: Comparison) -> str:
    return f"net win {_points(comparison)}"


def _contaminated(rows: Mapping[str, int]) -> str:
    each = [f"{wording.plural(n, 'example')} of {name}" for name, n in rows.items()]
    return f"{wording.listed(each)} {'holds' if sum(rows.values()) == 1 else 'hold'} a test prompt"
