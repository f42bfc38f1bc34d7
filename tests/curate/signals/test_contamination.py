import pytest

from tests.curate.hand_made import texts
from thousand.curate.signals.contamination import contamination

HELD_OUT = "One two three four five six seven eight nine ten eleven?"


def found(prompt, response="Nothing of it.", held_out=(HELD_OUT,), **options):
    return contamination(texts(response, prompts=[prompt]), held_out, **options)[0]


@pytest.mark.parametrize(
    ("prompt", "run"),
    [
        ("one two three four five six seven", 0),
        ("one two three four five six seven eight", 8),
        ("two three four five six seven eight nine ten", 9),
        ("four five six seven eight nine ten eleven", 8),
        ("So: ONE, two -- three (four) five. Six seven; eight nine ten eleven!", 11),
        ("one two three four five six seven but eight nine ten eleven", 0),
        ("one two three four or five six seven eight nine ten", 0),
        ("eleven ten nine eight seven six five four three two one", 0),
        ("", 0),
    ],
)
def test_the_longest_run_of_shared_words_from_eight_up(prompt, run):
    assert found(prompt) == run


def test_the_response_is_searched_too():
    assert found("What is next?", "I count: one two three four five six seven eight.") == 8


def test_the_length_of_a_run_is_an_option():
    assert found("four five six", run=3) == 3
    assert found("four five", run=3) == 0
    assert found("one two three four five six seven eight", run=9) == 0


@pytest.mark.parametrize(
    ("held_out", "prompt", "run"),
    [
        ("Who built the old bridge?", "who built the old bridge", 5),
        ("Who built the old bridge?", "Tell me, who built the old bridge, and why?", 5),
        ("Who built the old bridge?", "Who built the bridge?", 0),
        ("Who built the old bridge?", "Built the old bridge", 0),
        ("What is it?", "What is it?", 3),
        ("What is it?", "What is it that I hear?", 0),  # three words stand in many prompts
        ("?!", "", 0),
        ("", "Anything", 0),
    ],
)
def test_a_short_held_out_prompt_counts_as_a_whole(held_out, prompt, run):
    assert found(prompt, held_out=[held_out]) == run


def test_a_short_held_out_prompt_in_the_response_is_no_contamination():
    assert found("Which questions do guides hear?", "Who built the old bridge?", ["Who built the old bridge?"]) == 0


def test_any_of_the_held_out_prompts_counts_and_none_is_none():
    assert found("one two three four five six seven eight", held_out=["Why?", HELD_OUT, "How?"]) == 8
    assert found("one two three four five six seven eight", held_out=[]) == 0
