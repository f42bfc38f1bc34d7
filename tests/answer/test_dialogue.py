"""Prompts of several turns: each answer becomes a part of what the next is asked with."""

from __future__ import annotations

import itertools

from hypothesis import given, settings
from hypothesis import strategies as st

from thousand.answer.dialogue import Dialogue, converse
from thousand.answer.kinds import Said


def user(*texts):
    return [{"role": "user", "content": each} for each in texts]


def assistant(text):
    return {"role": "assistant", "content": text}


def echo(asks, progress):
    """Answers with the number of turns it was shown, and the last of them."""
    progress(len(asks))
    return [Said(f"{len(each.messages)}: {each.messages[-1]['content']}", "end_of_turn") for each in asks]


def test_each_turn_is_asked_with_all_that_was_said_before_it():
    dialogue = Dialogue(user("a", "b", "c"), "s")
    converse([dialogue], echo, lambda done: None)
    assert dialogue.spoken == [
        *user("a"),
        assistant("1: a"),
        *user("b"),
        assistant("3: b"),
        *user("c"),
        assistant("5: c"),
    ]


def test_turns_that_are_answered_already_are_not_answered_anew():
    given_before = [{"role": "system", "content": "be brief"}, *user("a"), assistant("yes"), *user("b", "c")]
    dialogue = Dialogue(given_before, "s")
    assert dialogue.turns == 2
    assert dialogue.ask().messages == given_before[:4]


def test_every_turn_has_a_seed_of_its_own_and_the_first_that_of_a_single_turn():
    dialogue = Dialogue(user("a", "a"), "s")
    first = dialogue.ask()
    assert first == Dialogue(user("a"), "s").ask()
    dialogue.hear(Said("x", "limit"))
    assert dialogue.ask().seed != first.seed


def test_a_turn_without_an_answer_ends_its_dialogue_and_no_other():
    def stumble(asks, progress):
        return [Said(None, "error", reason="no") if each.messages[-1]["content"] == "bad" else Said("x", "limit") for each in asks]

    bad, good = Dialogue(user("a", "bad", "c"), "0"), Dialogue(user("a", "b", "c"), "1")
    converse([bad, good], stumble, lambda done: None)
    assert ([each.stop for each in bad.said], [each.stop for each in good.said]) == (["limit", "error"], ["limit"] * 3)
    assert bad.spoken[-1] == user("bad")[0]


@given(st.lists(st.integers(1, 5), max_size=6))
@settings(deadline=None)
def test_progress_rises_to_the_number_of_dialogues(turns):
    told = []
    converse([Dialogue(user(*"x" * each), str(i)) for i, each in enumerate(turns)], echo, told.append)
    assert told == sorted(told)
    assert told[-1] == len(turns)


@given(st.lists(st.sampled_from(["user", "assistant", "system"]), max_size=12))
@settings(deadline=None)
def test_the_pieces_are_the_messages_and_end_where_an_answer_is_due(roles):
    messages = [{"role": role, "content": str(i)} for i, role in enumerate([*roles, "user"])]
    dialogue = Dialogue(messages, "s")
    asked = []
    for _ in range(dialogue.turns):
        asks = dialogue.ask().messages
        assert asks[-1]["role"] == "user"
        assert all(not (a["role"] == b["role"] == "user") for a, b in itertools.pairwise(asks))
        dialogue.hear(Said("answer", "end_of_turn"))
        asked = [each for each in dialogue.spoken if each["content"] != "answer"]
    assert dialogue.over
    assert asked == messages
