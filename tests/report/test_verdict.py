"""The rule, case by case, on hand-written results."""

import pytest

from thousand.report.summary import ArmResult, Comparison, Contamination
from thousand.report.verdict import decide

CLEAN = Contamination()


def arm(name, role="baseline", **fields):
    defaults = {"seeds": 3, "draws": 1, "examples": 100, "steps": 60, "epochs": 1.0, "strategy": "random" if role == "baseline" else None}
    return ArmResult(**{"name": name, "role": role, **defaults, **fields})


CLAIM = arm("curated-100", "claim", strategy="facility_location", knowledge_before=1.0, knowledge_after=0.99)
SAME, MORE, ALL, BASE = arm("random-100"), arm("random-1000", examples=1000), arm("all", examples=5000), arm("none", "base", examples=0)
ARMS = [CLAIM, SAME, MORE, ALL, BASE]


def won(b, low=0.3, high=0.5, p=0.001, **fields):
    net = (low + high) / 2
    shares = {"win": max(net, 0) + 0.1, "tie": 0.9 - abs(net) - 0.1, "lose": max(-net, 0) + 0.1, "net": net, "interval": (low, high)}
    where = {"a": "curated-100", "b": b, "judge": "oracle", "criterion": "overall", "kind": "rating"}
    counts = {"n": 100, "asked": 600, "unparsed": 0, "seeds_a": 3, "seeds_b": 3, "seeds_resampled": True}
    return Comparison(**{**where, **shares, **counts, "p": p, "p_holm": p, **fields})


def lost(b, **fields):
    return won(b, -0.5, -0.3, **fields)


def level(b, **fields):
    return won(b, -0.1, 0.12, p=0.8, **fields)


WON = [won("random-100", 0.6, 0.7), won("random-1000", 0.4, 0.52), won("all", 0.33, 0.51), won("none", 0.9, 1.0)]


def replaced(*changed):
    return [next((new for new in changed if new.b == old.b), old) for old in WON]


def decided(comparisons, arms=ARMS, judges=("oracle",), void=None, contamination=CLEAN):
    return decide(arms, comparisons, judges, void or {}, contamination)


def test_less_is_more_when_every_baseline_is_beaten():
    verdict = decided(WON)
    assert verdict.outcome == "less is more"
    assert (
        verdict.sentence
        == "Less was more. 100 curated examples beat every baseline (smallest net win +42 points, 95% interval +33 to +51)."
    )
    assert verdict.knowledge == "The base already knew 100% of the facts; alignment taught it how to answer."
    assert verdict.by_judge == {"oracle": "less is more"}


def test_one_unbeaten_baseline_is_enough_for_no_difference():
    verdict = decided(replaced(level("random-1000")))
    assert verdict.outcome == "no difference shown"
    assert "beat 3 of 4 baselines; against random-1000 the net win is +1 point, 95% interval −10 to +12" in verdict.sentence


def test_a_level_pair_of_arms_says_its_interval():
    verdict = decided([level("random-100")], arms=[CLAIM, SAME])
    assert verdict.sentence == "No difference shown between curated-100 and random-100 (net win +1 point, 95% interval −10 to +12)."


@pytest.mark.parametrize(
    "unsure",
    [
        won("all", -0.01, 0.3),
        won("all", 0.01, 0.3, p=0.06),
        won("all", 0.01, 0.3, p=0.02, p_holm=0.06),
        won("all", 0.01, 0.3, interval=None),
        won("all", p=None),
    ],
)
def test_both_the_interval_and_the_corrected_test_must_be_sure(unsure):
    assert decided(replaced(unsure)).outcome == "no difference shown"


def test_more_is_more_when_a_larger_arm_wins():
    verdict = decided(replaced(lost("all")))
    assert verdict.outcome == "more is more"
    assert verdict.sentence.startswith("More was more. 5,000 examples (all) beat 100 curated examples (net win −40 points")


def test_more_preferences_are_called_what_they_are():
    pairs = arm("preferred", examples=10_000, strategy="preferences")
    verdict = decided([*WON, lost("preferred")], arms=[*ARMS, pairs])
    assert verdict.sentence.startswith("More was more. 10,000 pairs of answers (preferred) beat 100 curated examples")


def test_losing_to_as_few_examples_says_nothing_about_quantity():
    verdict = decided(replaced(lost("random-100")))
    assert verdict.outcome == "cannot tell"
    assert "the choice, not of quantity" in verdict.sentence


def test_void_arms_are_neither_won_nor_lost():
    void = {"all": "all kept 22% of what the base knew: it shows forgetting, not quantity."}
    verdict = decided(replaced(lost("all")), void=void)
    assert verdict.outcome == "less is more"
    assert "every baseline that was not set aside" in verdict.sentence
    assert verdict.set_aside == list(void.values())


def test_when_every_larger_arm_forgot_nothing_is_known_of_quantity():
    verdict = decided(WON, void={"all": "forgot.", "random-1000": "forgot."})
    assert verdict.outcome == "cannot tell"
    assert "forgetting, not quantity" in verdict.sentence


def test_a_claim_that_forgot_cannot_be_judged_even_when_it_wins():
    collapsed = CLAIM.model_copy(update={"collapsed": True, "knowledge_after": 0.3})
    verdict = decided(WON, arms=[collapsed, *ARMS[1:]])
    assert verdict.outcome == "cannot tell"
    assert "forgetting, not quantity" in verdict.sentence
    assert verdict.knowledge is None


def test_a_baseline_that_was_not_judged_is_not_beaten():
    verdict = decided(WON[:2] + WON[3:])
    assert verdict.outcome == "cannot tell"
    assert "all was not" in verdict.sentence


def test_guards_need_not_be_beaten():
    guard = arm("guard", "guard", guards="all")
    assert decided([*WON, lost("guard", p_holm=None)], arms=[*ARMS, guard]).outcome == "less is more"


def test_without_a_larger_arm_the_win_is_not_called_less_is_more_in_words():
    verdict = decided(WON[:1] + WON[3:], arms=[CLAIM, SAME, BASE])
    assert verdict.outcome == "less is more"
    assert "quantity was not tested" in verdict.sentence
    assert "Less was more" not in verdict.sentence


@pytest.mark.parametrize("judges", [(), ("oracle",)])
def test_nothing_judged(judges):
    verdict = decided([], judges=judges)
    assert (verdict.outcome, verdict.sentence) == ("cannot tell", "Cannot tell. Nothing was judged.")


def test_other_criteria_and_other_judges_do_not_decide():
    other = [lost(b, criterion="correct") for b in ("random-100", "all")] + [lost("all", judge="longest")]
    assert decided(WON + other).outcome == "less is more"


def test_pairs_are_heard_before_ratings():
    assert decided([*replaced(lost("all")), won("all", kind="pair")]).outcome == "less is more"


@pytest.mark.parametrize(
    ("second", "outcome"),
    [(WON, "less is more"), (replaced(level("all")), "no difference shown"), (replaced(lost("all")), "cannot tell"), ([], "cannot tell")],
)
def test_judges_must_agree(second, outcome):
    people = [each.model_copy(update={"judge": "people"}) for each in second]
    assert decided(WON + people, judges=("oracle", "people")).outcome == outcome


def test_where_judges_agree_the_figures_are_of_the_one_that_is_the_least_sure():
    people = [won(each.b, 0.02, 0.1, judge="people") for each in WON]
    said = decided(WON + people, judges=("oracle", "people")).sentence
    assert "(smallest net win +6 points, 95% interval +2 to +10)" in said
    assert said.endswith("So say all judges; the figures are by people.")


def test_contamination_comes_first():
    verdict = decided(WON, contamination=Contamination(training_rows={"curated-100": 3, "all": 0}))
    assert verdict.sentence.startswith("Contaminated: 3 examples of curated-100 hold a test prompt. Less was more.")
    assert verdict.contaminated


@pytest.mark.parametrize(
    ("change", "comparisons"),
    [({"knowledge_before": 0.4}, WON), ({"knowledge_before": None}, WON), ({"knowledge_after": None}, WON), ({}, replaced(level("none")))],
)
def test_knowledge_is_said_only_when_measured_high_and_put_to_use(change, comparisons):
    claim = CLAIM.model_copy(update=change)
    assert decided(comparisons, arms=[claim, *ARMS[1:]]).knowledge is None


def test_where_every_baseline_is_set_aside_nothing_is_left_to_beat():
    verdict = decided([won("random-100")], arms=[CLAIM, SAME], void={"random-100": "random-100 kept 10%."})
    assert verdict.outcome == "cannot tell"
    assert verdict.sentence == "Cannot tell. Every arm that curated-100 was to beat was set aside: forgetting, not quantity."


def test_no_win_is_told_where_no_baseline_was_judged():
    guard = arm("guard", "guard", guards="all")
    unseen = decided([won("guard")], arms=[CLAIM, SAME, guard])
    assert unseen.sentence == "Cannot tell. random-100 was not judged."
    failed = decided([won("guard")], arms=[CLAIM, SAME.model_copy(update={"failed": "out of memory."}), guard])
    assert failed.sentence == "Cannot tell. random-100 (out of memory) has no model."


def test_a_claim_alone_has_nothing_to_beat():
    assert decided([], arms=[CLAIM]).sentence == "Cannot tell. There is no arm for curated-100 to beat."
