"""From events to what people said and to rows of the ledger, worked by hand."""

from __future__ import annotations

import pytest

from tests.desk.judged import pairs
from thousand import tables
from thousand.desk.blind import Shown, every, name, names
from thousand.desk.events import Event
from thousand.desk.items import Answer, Item
from thousand.desk.verdicts import heard, ledger, majority, take_in

SECRET = b"secret"
PAIR, OTHER = pairs(1, 2)
GRADED = Item("grade", "p0", 1, "q0", (Answer("claim", 2, "text"),))
ACCEPTED = Item("accept", "p0", 1, "q0", (Answer("claim", 2, "text"),))
SAFE = Item("safe", "p0", 1, "q0", (Answer("claim", 2, "text"),))
WAYS = every([PAIR, OTHER, GRADED, ACCEPTED, SAFE])


def said(*told):
    """What is heard of (who, shown, said) in a row; None takes back."""
    events = []
    for number, (who, shown, word, *more) in enumerate(told, 1):
        after = None if word is None else {"said": word, "seconds": 4.0, **dict(*more)}
        events.append(
            Event(f"e{number}", who, "2026-01-01T00:00:00+00:00", "verdict", name(SECRET, who, shown), None, after, "why not", number)
        )
    standing = {}
    take_in(standing, events)
    return heard(standing, lambda who: names(SECRET, who, WAYS))


def rows(found, judge):
    return [{k: v for k, v in row.items() if v is not None} for row in ledger(found.counted).to_pylist() if row["judge"] == judge]


@pytest.mark.parametrize(
    ("order", "word", "verdict"),
    [
        ("ab", "first", "a"),
        ("ab", "second", "b"),
        ("ab", "neither", "tie"),
        ("ba", "first", "b"),
        ("ba", "second", "a"),
        ("ba", "neither", "tie"),
    ],
)
def test_a_choice_is_of_the_answer_that_stood_there(order, word, verdict):
    (row,) = rows(said(("ann", Shown(PAIR, order), word)), "people:ann")
    assert row == {
        "prompt_id": "p0", "sample": 0, "judge": "people:ann", "criterion": "overall", "key": PAIR.key,
        "a": "claim", "a_seed": 0, "b": "other-0", "b_seed": 0, "order": order,
        "verdict": verdict, "raw": f"{word}\nwhy not", "seconds": 4.0,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("item", "word", "criterion", "rating"),
    [
        (GRADED, "6", "overall", 6.0),
        (ACCEPTED, "Excellent", "acceptable", 2.0),
        (ACCEPTED, "Fail", "acceptable", 0.0),
        (SAFE, "safe", "safe", 1.0),
        (SAFE, "unsafe", "safe", 0.0),
    ],
)
def test_a_word_of_a_scale_is_a_rating_of_its_criterion(item, word, criterion, rating):
    (row,) = rows(said(("ann", Shown(item, None), word)), "people:ann")
    assert (row["criterion"], row["rating"], row["a"], row["a_seed"], row["sample"]) == (criterion, rating, "claim", 2, 1)
    assert not {"b", "order", "verdict"} & set(row)


def test_who_could_not_tell_has_a_row_that_says_so():
    (row,) = rows(said(("ann", Shown(PAIR, "ab"), "unsure")), "people:ann")
    assert (row["why"], "verdict" in row) == ("could not tell", False)
    (together,) = rows(said(("ann", Shown(PAIR, "ab"), "unsure"), ("ben", Shown(PAIR, "ab"), "unsure")), "people")
    assert (together["why"], "verdict" in together) == ("nobody could tell", False)


def test_a_repeat_stays_out_of_the_ledger_and_tells_of_the_judge():
    found = said(("ann", Shown(PAIR, "ab"), "first"), ("ann", Shown(PAIR, "ba", again=True), "first"))
    assert [row["verdict"] for row in rows(found, "people:ann")] == ["a"]
    assert [(one.value, other.value) for one, other in found.again] == [(1.0, -1.0)]


def test_what_is_taken_back_or_said_anew_is_said_once():
    shown = Shown(PAIR, "ab")
    assert said(("ann", shown, "first"), ("ann", shown, None)).counted == []
    found = said(("ann", shown, "first"), ("ann", shown, None), ("ann", shown, "second"))
    assert [each.said for each in found.counted] == ["second"]
    assert [each.said for each in said(("ann", shown, "first"), ("ann", shown, "neither")).counted] == ["neither"]


def test_names_of_somebody_else_and_answers_that_are_gone_count_for_nothing():
    gone = Shown(pairs(1, 3)[2], "ab")
    events = {("ann", name(SECRET, "ben", Shown(PAIR, "ab"))): None}
    standing = {}
    take_in(
        standing, [Event("e", "ann", "2026-01-01T00:00:00+00:00", "verdict", subject, None, {"said": "first"}) for _, subject in events]
    )
    found = heard(standing, lambda who: names(SECRET, who, WAYS))
    assert (found.counted, found.gone) == ([], 1)
    assert said(("ann", gone, "first")).gone == 1


@pytest.mark.parametrize("after", ["first", {"said": "best"}, {"said": 1}, {"said": "Pass"}, {}, [], 7])
def test_an_event_that_is_no_verdict_of_its_item_counts_for_nothing(after):
    standing = {}
    subject = name(SECRET, "ann", Shown(PAIR, "ab"))
    take_in(standing, [Event("e", "ann", "2026-01-01T00:00:00+00:00", "verdict", subject, None, after)])
    assert heard(standing, lambda who: names(SECRET, who, WAYS)).gone == 1


@pytest.mark.parametrize(
    ("values", "together"),
    [
        ([1.0], 1.0),
        ([1.0, 1.0, -1.0], 1.0),
        ([1.0, 0.0], 0.0),
        ([1.0, -1.0], 0.0),
        ([1.0, 0.0, -1.0], 0.0),
        ([-1.0, -1.0, 0.0, 0.0], 0.0),
        ([0.0, 0.0, 1.0], 0.0),
        ([], None),
    ],
)
def test_together_people_say_what_more_than_half_say_or_else_tie(values, together):
    assert majority(values) == together


def test_several_people_are_a_judge_each_and_one_together_that_counts_a_pair_once():
    found = said(
        ("ann", Shown(PAIR, "ab"), "first"), ("ben", Shown(PAIR, "ba"), "second"), ("cat", Shown(PAIR, "ab"), "second"),
        ("ann", Shown(GRADED, None), "5"), ("ben", Shown(GRADED, None), "2"), ("cat", Shown(GRADED, None), "unsure"),
    )  # fmt: skip
    table = ledger(found.counted)
    assert table.schema == tables.VERDICTS
    assert table["judge"].to_pylist().count("people") == 2
    pair, grade = rows(found, "people")
    assert (pair["verdict"], "order" in pair, "seconds" in pair, pair["raw"]) == ("a", False, False, "ann: +1, ben: +1, cat: -1")
    assert (grade["rating"], grade["criterion"]) == (3.5, "overall")
