"""What decisions ask of a choice of examples in the pool that there is, and which of them cannot be carried out."""

import pytest

from tests.desk.examples import WRITTEN, WRITTEN_ID, numbered, said
from thousand.desk.decisions import fold
from thousand.desk.plan import DROPPED, GONE, HELD_OUT, Copy, plan, subjects

POOL = {
    "aaaa": [Copy("a1", True, True), Copy("a0", True, True), Copy("a2", False, True)],
    "bbbb": [Copy("b1", True, True)],
    "cccc": [Copy("c1", False, False)],  # holds a held-out prompt
    "dddd": [Copy("d1", False, True)],
    "eeee": [Copy("e1", True, True)],
}


def planned(*told, pool=POOL, held_out=None):
    decisions = fold(numbered(*told))
    known = {content: copies for content, copies in pool.items() if content in subjects(decisions)}
    return plan(decisions, known, held_out) if held_out else plan(decisions, known)


def left(found):
    return [(each.subject, each.stance, each.reason) for each in found.not_applied]


def test_of_several_copies_all_are_rejected_and_one_is_accepted():
    assert planned(("ann", "reject", "aaaa")).exclude == ("a0", "a1", "a2")
    accepted = planned(("ann", "accept", "aaaa"))
    assert (accepted.include, accepted.exclude) == (("a0",), ())  # kept by the rules, then the first by id
    assert planned(("ann", "accept", "dddd")).include == ("d1",)  # whatever the rules say of it


def test_a_rejection_brings_its_replacement_unless_that_is_rejected_too():
    told = [("ann", "reject", "aaaa", {"replacement": "bbbb"})]
    assert planned(*told).include == ("b1",)
    chain = planned(*told, ("ann", "reject", "bbbb", {"replacement": "eeee"}))
    assert (chain.include, chain.exclude, chain.rejected) == (("e1",), ("a0", "a1", "a2", "b1"), 2)


def test_edits_go_with_their_candidate_and_what_is_written_comes_on_top():
    found = planned(("ann", "edit", "bbbb", said("B")), ("bob", "write", WRITTEN_ID, WRITTEN))
    assert found.include == ("b1",)
    assert [(each.stance, each.messages) for each in found.changes.values()] == [("edited", said("B"))]
    assert [(each.subject, each.messages, each.by) for each in found.written] == [(WRITTEN_ID, WRITTEN, ("bob",))]


def test_what_is_written_as_it_stands_in_the_pool_is_the_candidate():
    found = planned(("bob", "write", WRITTEN_ID, WRITTEN), pool={WRITTEN_ID: [Copy("w1", True, True)]})
    assert (found.include, found.written) == (("w1",), ())


def test_decisions_about_what_the_pool_has_no_more_are_listed():
    found = planned(("ann", "accept", "gone"), ("ann", "edit", "lost", said("L")), ("bob", "reject", "past"), ("bob", "accept", "cccc"))
    assert (found.include, found.exclude, found.rejected) == ((), (), 0)
    assert left(found) == [("cccc", "accepted", HELD_OUT), ("gone", "accepted", GONE), ("lost", "edited", GONE), ("past", "rejected", GONE)]


@pytest.mark.parametrize(("replacement", "why"), [("gone", GONE), ("cccc", HELD_OUT), ("dddd", DROPPED)])
def test_a_replacement_that_cannot_take_the_place_leaves_it_to_the_strategy(replacement, why):
    found = planned(("ann", "reject", "bbbb", {"replacement": replacement}))
    assert (found.include, found.exclude) == ((), ("b1",))
    assert left(found) == [("bbbb", "rejected", f"{replacement} was to take its place, and {why}: the strategy fills it")]


def test_a_replacement_that_the_rules_drop_is_chosen_if_somebody_has_accepted_it():
    found = planned(("ann", "reject", "bbbb", {"replacement": "dddd"}), ("ann", "accept", "dddd"))
    assert (found.include, found.not_applied) == (("d1",), ())


def test_a_text_that_holds_a_held_out_prompt_is_trained_on_neither_as_edited_nor_as_it_was():
    def held_out(texts):
        return ["it is asked" if "secret" in each[-1]["content"] else None for each in texts]

    told = [("ann", "edit", "bbbb", said("The secret.")), ("ann", "edit", "aaaa", said("A")), ("bob", "write", WRITTEN_ID, WRITTEN)]
    found = planned(*told, held_out=held_out)
    assert (found.include, found.exclude, list(found.changes)) == (("a0",), ("b1",), ["aaaa"])
    assert left(found) == [("bbbb", "edited", "it is asked")]
    assert len(found.written) == 1


def test_what_was_written_and_taken_out_again_is_no_loss():
    found = planned(("bob", "write", WRITTEN_ID, WRITTEN), ("bob", "reject", WRITTEN_ID))
    assert (found.written, found.not_applied) == ((), ())


def test_a_conflict_asks_for_nothing():
    found = planned(("ann", "reject", "aaaa", {"replacement": "bbbb"}), ("bob", "accept", "aaaa"))
    assert (found.include, found.exclude, found.changes) == ((), (), {})


def test_equal_plans_have_equal_records_whenever_they_were_made():
    told = [("ann", "reject", "aaaa"), ("bob", "edit", "bbbb", said("B"))]
    assert planned(*told).record() == planned(("cat", "skip", "dddd"), *reversed(told)).record()
    assert planned(*told).record() != planned(*told[:1]).record()
