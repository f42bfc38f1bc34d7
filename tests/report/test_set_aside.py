import pytest

from thousand.report.set_aside import set_aside
from thousand.report.summary import ArmResult


def arm(name, role="baseline", **fields):
    return ArmResult(
        **{"name": name, "role": role, "seeds": 1, "draws": 1, "examples": 100, "steps": 60, "epochs": 1.0, "mean_rating": 5.0, **fields}
    )


CLAIM = arm("claim", "claim", mean_rating=5.6)
SHORT, LONG, LONGER = arm("short"), arm("long", steps=157), arm("longer", steps=471)


def guard(**fields):
    return arm("guard", "guard", guards="long", steps=157, **fields)


def test_a_collapsed_arm_is_set_aside_and_nothing_else():
    void = set_aside([CLAIM, SHORT, arm("long", steps=157, collapsed=True, knowledge_after=0.22), LONGER])
    assert list(void) == ["long"]
    assert "22%" in void["long"]
    assert "forgetting, not quantity" in void["long"]


def test_a_guard_that_holds_voids_nothing():
    assert set_aside([CLAIM, SHORT, LONG, guard(mean_rating=4.6)]) == {}


def test_a_guard_that_falls_voids_its_arm_and_all_trained_as_long():
    void = set_aside([CLAIM, SHORT, LONG, LONGER, guard(mean_rating=4.5)])
    assert list(void) == ["long", "longer"]
    assert "fell from 5.6 to 4.5" in void["long"]


def test_a_guard_that_forgets_voids_its_arm_and_itself():
    void = set_aside([CLAIM, SHORT, LONG, guard(collapsed=True, knowledge_after=0.5)])
    assert set(void) == {"guard", "long"}


@pytest.mark.parametrize("rating", [None, 5.6])
def test_a_guard_without_evidence_voids_nothing(rating):
    assert set_aside([CLAIM.model_copy(update={"mean_rating": rating}), LONG, guard(mean_rating=None)]) == {}


def test_the_base_and_the_claim_are_never_set_aside():
    base = arm("none", "base", steps=0)
    collapsed = CLAIM.model_copy(update={"collapsed": True, "knowledge_after": 0.1})
    assert set_aside([collapsed, base]) == {}
