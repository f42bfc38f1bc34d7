"""An arm with what people decided: its places, its rows, and where the two cannot go together."""

import pyarrow as pa
import pytest

from tests.desk.examples import WRITTEN, WRITTEN_ID, said
from thousand import tables
from thousand.desk.decisions import Change
from thousand.desk.plan import Plan
from thousand.errors import DataError, RecipeError
from thousand.recipe import Arm
from thousand.run.reviewing import REVIEWED, asked, carry_out, explained

WROTE = Change(WRITTEN_ID, "written", ("ann", "bob"), messages=WRITTEN)
PLAN = Plan(("a", "b"), ("c",), {"aaaa": Change("aaaa", "accepted", ("ann",))}, (WROTE,), 1)
ASKED = "1 accepted, 0 edited, 1 named to take a place, 1 written"


def test_what_is_written_takes_places_and_the_recipes_own_rows_stay():
    arm = asked(Arm(select="longest", budget=10, include=["x"], exclude=["y"]), "mine", PLAN)
    assert (arm.budget, arm.include, arm.exclude) == (9, ["x", "a", "b"], ["y", "c"])
    assert asked(Arm(select="all"), "mine", PLAN).budget is None


def test_a_budget_of_tokens_has_no_places_for_written_examples():
    with pytest.raises(RecipeError, match=r"arms\.mine\.tokens: 1 examples were written"):
        asked(Arm(select="longest", tokens=100), "mine", PLAN)
    assert asked(Arm(select="longest", tokens=100), "mine", Plan(("a",))).include == ["a"]


def test_a_budget_may_be_filled_and_not_more():
    assert asked(Arm(select="longest", budget=3), "mine", PLAN).budget == 2
    with pytest.raises(
        DataError, match="the budget is 2 and the desk asks for 3: 1 accepted, 0 edited, 1 named to take a place, 1 written"
    ):
        asked(Arm(select="longest", budget=2), "mine", PLAN)


def test_an_error_of_the_choice_says_what_people_asked_for():
    told = explained(DataError("The quotas cannot be met.", "Lower them."), PLAN)
    assert str(told).splitlines() == [
        "The quotas cannot be met.",
        f"  Lower them. People's decisions hold whatever the recipe says: {ASKED}, 1 rejected.",
    ]


def test_edits_stand_in_their_places_and_written_examples_after_the_last():
    rows = [
        dict.fromkeys(tables.SELECTION.names) | {"rank": 1, "id": "a", "content": "aaaa", "messages": said("A"), "displaced": ["z"]},
        dict.fromkeys(tables.SELECTION.names) | {"rank": 2, "id": "b", "content": "bbbb", "messages": said("B"), "gain": 0.5},
        dict.fromkeys(tables.SELECTION.names) | {"rank": 3, "id": "a2", "content": "aaaa", "messages": said("A")},
    ]
    selection = pa.Table.from_pylist(rows, tables.SELECTION)
    edit = Change("aaaa", "edited", ("ann",), messages=said("Better."))
    found = carry_out(selection, Plan(("a",), (), {"aaaa": edit}, (WROTE,)))
    assert found.schema == REVIEWED
    first, second, copy, written = found.to_pylist()
    assert first == rows[0] | {"messages": said("Better."), "change": "edited", "by": ["ann"]}
    assert second == rows[1] | {"change": None, "by": None}
    assert copy["messages"] == said("Better.")
    assert {name: value for name, value in written.items() if value is not None} == {
        "rank": 4,
        "id": f"desk-{WRITTEN_ID}",
        "content": WRITTEN_ID,
        "source": "desk",
        "origin": f"desk:{WRITTEN_ID}",
        "messages": WRITTEN,
        "reason": "written at the desk",
        "change": "written",
        "by": ["ann", "bob"],
    }
    assert carry_out(selection, Plan()).select(tables.SELECTION.names).equals(selection)
