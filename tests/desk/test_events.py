"""An event is checked before it is stored, whoever sends it: which field is wrong is said, and nothing else gets in."""

import pytest

from tests.desk.examples import WRITTEN, WRITTEN_ID, said
from thousand.conversation import MalformedRow
from thousand.desk.events import LONGEST, Event, read

GOOD = {"id": "e1", "who": "ann", "at": "2026-03-01T12:00:00+00:00", "kind": "accept", "subject": "aaaa"}
NESTED: list = []
for _ in range(100_000):
    NESTED = [NESTED]


def test_an_event_of_now_is_one_that_can_be_read_again():
    made = Event.now("ann", "write", WRITTEN_ID, after=WRITTEN, reason="there was none")
    assert read(made.row()) == made
    assert made.at.endswith("+00:00")
    assert made.id != Event.now("ann", "accept", "aaaa").id


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"id": ""}, "id"),
        ({"id": "x" * 65}, "id"),
        ({"id": 7}, "id"),
        ({"who": "ann\nbob"}, "who"),
        ({"who": "ann\u202ebob"}, "who"),
        ({"who": "\ud800"}, "who"),
        ({"who": None}, "who"),
        ({"at": "yesterday"}, "at"),
        ({"at": "2026-03-01T12:00:00"}, "at"),
        ({"at": "2026-03-01T12:00:00+01:00"}, "at"),
        ({"kind": "delete"}, "kind"),
        ({"subject": " "}, "subject"),
        ({"subject": "a\x00"}, "subject"),
        ({"reason": ["no"]}, "reason"),
        ({"reason": "a\x00"}, "reason"),
        ({"before": float("nan")}, "before"),
        ({"before": NESTED}, "before"),
        ({"before": "x" * (LONGEST + 1)}, "before"),
        ({"role": "owner"}, "role"),
        ({"after": {}}, "after"),
        ({"kind": "edit"}, "after"),
        ({"kind": "edit", "after": "text"}, "after"),
        ({"kind": "edit", "after": [1]}, "after"),
        ({"kind": "edit", "after": said(" ")}, "after[1].content"),
        ({"kind": "edit", "after": said("A")[:1]}, "after"),
        ({"kind": "edit", "after": [said("A")[0], {"role": "gpt", "content": "A"}]}, "after[1]"),
        ({"kind": "edit", "after": [said("A")[0], {"role": "assistant", "content": "A", "name": "x"}]}, "after[1]"),
        ({"kind": "write", "after": WRITTEN}, "subject"),
        ({"kind": "reject", "after": {"replacement": 7}}, "replacement"),
        ({"kind": "reject", "after": {"instead": "dddd"}}, "after"),
        ({"kind": "undo", "after": {}}, "event"),
        ({"kind": "undo", "after": {"event": "e1", "all": True}}, "after"),
        ({"kind": "settle"}, "after"),
        ({"kind": "settle", "after": {"change": "both"}}, "after.change"),
        ({"kind": "settle", "after": {"change": "edit"}}, "after.messages"),
        ({"kind": "settle", "after": {"change": "accept", "messages": WRITTEN}}, "after.messages"),
        ({"kind": "settle", "after": {"change": "accept", "replacement": "dddd"}}, "after.replacement"),
    ],
)
def test_what_is_no_event_is_refused_by_its_field(change, field):
    with pytest.raises(MalformedRow) as error:
        read(GOOD | change)
    assert error.value.field == field
    assert len(str(error.value)) < 300
