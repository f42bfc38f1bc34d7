"""What holds after everything that was said: one curator's last word, agreement of several, conflicts, settlements, undoing."""

from collections import defaultdict

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.desk.examples import WRITTEN, WRITTEN_ID, event, histories, numbered, said
from thousand.conversation import content_id
from thousand.desk.decisions import fold, last_word


def state(*told, subject="aaaa"):
    return fold(numbered(*told)).states.get(subject)


def applies(*told, subject="aaaa"):
    """(stance, by, text of the answer) of what applies."""
    change = state(*told, subject=subject).applies
    return change and (change.stance, change.by, change.messages and change.messages[-1]["content"])


def test_of_one_curator_the_last_word_counts():
    assert applies(("ann", "accept", "aaaa")) == ("accepted", ("ann",), None)
    assert applies(("ann", "accept", "aaaa"), ("ann", "reject", "aaaa")) == ("rejected", ("ann",), None)
    assert applies(("ann", "reject", "aaaa"), ("ann", "accept", "aaaa")) == ("accepted", ("ann",), None)
    assert applies(("ann", "edit", "aaaa", said("A")), ("ann", "edit", "aaaa", said("B"))) == ("edited", ("ann",), "B")


def test_who_edits_and_then_accepts_accepts_the_edit():
    assert applies(("ann", "edit", "aaaa", said("A")), ("ann", "accept", "aaaa")) == ("edited", ("ann",), "A")


def test_an_edit_back_to_the_original_is_an_acceptance():
    subject = content_id(said("A"))
    assert applies(("ann", "edit", subject, said("B")), ("ann", "edit", subject, said("A")), subject=subject) == (
        "accepted",
        ("ann",),
        None,
    )


def test_an_acceptance_beside_one_edit_agrees_to_it():
    assert applies(("bob", "accept", "aaaa"), ("ann", "edit", "aaaa", said("A"))) == ("edited", ("ann", "bob"), "A")


def test_two_equal_edits_are_one():
    assert applies(("bob", "edit", "aaaa", said("A")), ("ann", "edit", "aaaa", said("A"))) == ("edited", ("ann", "bob"), "A")


@pytest.mark.parametrize(
    ("first", "second", "told"),
    [
        (("accept",), ("reject",), "bob would reject it, ann would not"),
        (("edit", said("A")), ("reject",), "bob would reject it, ann would not"),
        (("edit", said("A")), ("edit", said("B")), "ann and bob have each edited it, and differently"),
    ],
)
def test_a_conflict_applies_nothing_until_it_is_settled(first, second, told):
    both = [("ann", first[0], "aaaa", *first[1:]), ("bob", second[0], "aaaa", *second[1:])]
    found = state(*both)
    assert (found.applies, found.conflict) == (None, told)
    assert fold(numbered(*both)).conflicts == [found]
    settled = state(*both, ("eve", "settle", "aaaa", {"change": "edit", "messages": said("C")}))
    assert (settled.applies.messages, settled.conflict, settled.settled_by, settled.against) == (said("C"), None, "eve", ())
    assert state(*both, ("eve", "settle", "aaaa", {"change": "accept"}), ("eve", "undo", "aaaa")).conflict == told


def test_a_settlement_stands_and_names_who_says_otherwise_since():
    settled = [("ann", "accept", "aaaa"), ("bob", "reject", "aaaa"), ("eve", "settle", "aaaa", {"change": "reject", "replacement": "dddd"})]
    found = state(*settled, ("bob", "reject", "aaaa"), ("ann", "edit", "aaaa", said("A")))
    assert (found.applies.stance, found.applies.replacement, found.against) == ("rejected", "dddd", ("ann",))


def test_a_rejection_carries_its_replacement_and_its_reason():
    rejected = event(1, "ann", "reject", "aaaa", {"replacement": "dddd"}, reason="too long")
    change = fold([rejected, event(2, "bob", "reject", "aaaa")]).states["aaaa"].applies
    assert (change.replacement, change.reason, change.by) == ("dddd", "too long", ("ann", "bob"))


def test_a_written_example_stays_one_whatever_is_made_of_its_text():
    own = ("ann", "write", WRITTEN_ID, WRITTEN)
    assert applies(own, subject=WRITTEN_ID) == ("written", ("ann",), "Written anew.")
    edit = ("bob", "edit", WRITTEN_ID, said("Better."))
    assert applies(own, edit, subject=WRITTEN_ID) == ("written", ("ann", "bob"), "Better.")
    assert state(own, ("bob", "reject", WRITTEN_ID), subject=WRITTEN_ID).conflict
    assert applies(own, ("ann", "reject", WRITTEN_ID), subject=WRITTEN_ID) == ("rejected", ("ann",), None)
    assert state(own, ("ann", "undo", WRITTEN_ID), subject=WRITTEN_ID) is None


def test_undo_takes_back_ones_own_last_word_and_nobody_elses():
    told = [("ann", "accept", "aaaa"), ("bob", "reject", "aaaa"), ("ann", "edit", "aaaa", said("A"))]
    assert applies(*told, ("bob", "undo", "aaaa")) == ("edited", ("ann",), "A")
    assert state(*told, ("ann", "undo", "aaaa")).conflict  # the acceptance is there again
    assert applies(*told, ("ann", "undo", "aaaa"), ("ann", "undo", "aaaa"), ("ann", "undo", "aaaa")) == ("rejected", ("bob",), None)


def test_an_undo_that_names_its_event_takes_back_no_other():
    told = numbered(("ann", "reject", "aaaa"), ("ann", "accept", "aaaa"))
    word = last_word(told, "aaaa", "ann")
    undo = event(3, "ann", "undo", "aaaa", {"event": word.id})
    assert word == told[1] and last_word([*told, undo], "aaaa", "ann") == told[0]
    later = event(4, "ann", "edit", "aaaa", said("A"))
    assert fold([*told, later, undo]).states["aaaa"].applies.stance == "edited"  # another store's later word came before it
    assert fold([later, undo]).states["aaaa"].applies.stance == "edited"  # and where its event did not come along, nothing goes
    assert last_word(told, "aaaa", "bob") is None


def test_what_is_skipped_is_undecided_and_what_was_said_before_still_holds():
    assert state(("ann", "skip", "aaaa")).applies is None
    later = state(("ann", "accept", "aaaa"), ("ann", "skip", "aaaa"))
    assert (later.applies.stance, later.skipped) == ("accepted", {"ann"})
    assert state(("ann", "skip", "aaaa"), ("ann", "accept", "aaaa")).skipped == frozenset()


@settings(max_examples=60, deadline=None)
@given(histories(), st.randoms(use_true_random=False))
def test_the_order_of_different_subjects_does_not_matter(history, random):
    by_subject = defaultdict(list)
    for each in history:
        by_subject[each.subject].append(each)
    queues, mixed = list(by_subject.values()), []
    while queues := [queue for queue in queues if queue]:
        mixed.append(random.choice(queues).pop(0))
    assert fold(mixed) == fold(history)


@settings(max_examples=60, deadline=None)
@given(histories())
def test_undoing_everything_leaves_nothing(history):
    undone = [event(len(history) + number, each.who, "undo", each.subject) for number, each in enumerate(history, 1) if each.kind != "undo"]
    assert fold([*history, *undone]).states == {}


@settings(max_examples=60, deadline=None)
@given(histories())
def test_something_applies_exactly_where_people_agree_or_an_owner_has_settled(history):
    for found in fold(history).states.values():
        stances = {each.stance for each in found.opinions.values()}
        edits = {content_id(each.messages) for each in found.opinions.values() if each.stance == "edited"}
        agree = len(edits) <= 1 and ("rejected" not in stances or stances == {"rejected"})
        assert (found.conflict is None) == (agree or found.settled_by is not None)
        assert (found.applies is not None) == (found.settled_by is not None or (bool(stances) and agree))
        if found.settled_by is None and found.applies is not None:
            assert (found.applies.stance == "rejected") == (stances == {"rejected"})
            assert found.applies.by == tuple(sorted(found.opinions))
