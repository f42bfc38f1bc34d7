"""Where there is no room for all arms, each choice is shown once, at the number of examples nearest the claim's."""

from thousand.report import ArmResult, foremost


def arm(name, role="baseline", *, examples=100, family=None):
    return ArmResult(name=name, role=role, family=family, examples=examples, seeds=3, draws=1, steps=60, epochs=1.0)


def test_each_choice_is_shown_once_and_the_claims_variants_are_not():
    claim = arm("mine-100", "claim", family="mine")
    variants = [arm("mine-25", "variant", examples=25, family="mine"), arm("same-50", "variant", examples=50, family="same")]
    others = [arm(f"other-{k}", examples=k, family="other") for k in (25, 90, 400)]
    alone = [arm("other", examples=7), arm("guard", "guard"), arm("none", "base", examples=0)]
    shown = foremost([claim, *variants, *others, *alone], 100)
    assert [each.name for each in shown] == ["mine-100", "other-90", "other", "guard", "none"]


def test_without_a_claim_that_has_a_model_the_others_are_measured_by_it_all_the_same():
    assert [
        each.name for each in foremost([arm("other-25", examples=25, family="other"), arm("other-90", examples=90, family="other")], 100)
    ] == ["other-90"]
