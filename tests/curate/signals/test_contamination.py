import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.curate.hand_made import texts
from thousand.curate.signals.contamination import contamination, held_out
from thousand.curate.texts import words
from thousand.errors import RecipeError

HELD_OUT = "One two three four five six seven eight nine ten eleven?"


def found(prompt, response="Nothing of it.", prompts=(HELD_OUT,), **options):
    return contamination(texts(response, prompts=[prompt]), prompts, **options)[0]


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
    ("short", "prompt", "run"),
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
def test_a_short_held_out_prompt_counts_as_a_whole(short, prompt, run):
    assert found(prompt, prompts=[short]) == run


def test_a_short_held_out_prompt_in_the_response_is_no_contamination():
    assert found("Which questions do guides hear?", "Who built the old bridge?", ["Who built the old bridge?"]) == 0


def test_any_of_the_held_out_prompts_counts_and_none_is_none():
    assert found("one two three four five six seven eight", prompts=["Why?", HELD_OUT, "How?"]) == 8
    assert found("one two three four five six seven eight", prompts=[]) == 0


def test_runs_of_two_prompts_are_not_joined_into_one():
    first, second = "a b c d e f g h", "b c d e f g h i"
    assert found("a b c d e f g h i", prompts=[first, second]) == 8
    assert found("a b c d e f g h i", prompts=[f"{first} {second}"]) == 8  # nor of two places in one prompt
    assert found("a b c d e f g h i", prompts=[first, f"{first} i"]) == 9


def test_thirteen_words_are_asked_of_a_long_prompt_and_all_of_a_short_one():
    long = " ".join(f"w{i}" for i in range(20))
    assert found(" ".join(f"w{i}" for i in range(3, 15)), prompts=[long], run=13) == 0
    assert found(" ".join(f"w{i}" for i in range(3, 16)), prompts=[long], run=13) == 13
    assert found(f"So, {HELD_OUT}", run=13) == 11


def test_curly_apostrophes_and_words_without_spaces_are_found():
    assert found("don't you know who's there and why it's so", prompts=["Don\u2019t you know who\u2019s there and why it\u2019s so"]) == 9
    assert (
        found("\u4e00\u4e8c\u4e09\u56db\u4e94\u516d\u4e03\u516b", prompts=["\u4e00\u4e8c\u4e09\u56db\u4e94\u516d\u4e03\u516b\u4e5d"]) == 8
    )


def test_a_run_of_no_words_is_an_error_of_the_recipe():
    with pytest.raises(RecipeError, match="0 is no number of words"):
        found("one two", run=0)


def test_each_prompt_that_is_shared_is_named_with_the_words():
    index = held_out(("Why?", HELD_OUT, "Who built the old bridge?"), 8)
    shared = index.shared("Say who built the old bridge", "Zero one two three four five six seven eight nine!")
    assert {number: " ".join(words) for number, words in shared.items()} == {
        1: "one two three four five six seven eight nine",
        2: "who built the old bridge",
    }


def test_the_prompts_are_made_ready_once():
    held_out.cache_clear()
    for _ in range(3):
        contamination(texts("One.", "Two."), ["A prompt that is held out?"])
    assert held_out.cache_info().misses == 1


def longest_by_trying_all(prompt, response, prompts, run):
    def inside(some, other):
        return any(other[i : i + len(some)] == some for i in range(len(other) - len(some) + 1))

    asked, best = words(prompt), 0
    text = asked + words(response)
    for each in map(words, prompts):
        if 0 < len(each) < run:
            best = max(best, len(each) if asked == each or (len(each) >= 4 and inside(each, asked)) else 0)
        for length in range(run, len(each) + 1):
            if any(inside(each[i : i + length], text) for i in range(len(each) - length + 1)):
                best = max(best, length)
    return best


TEXT = st.lists(st.sampled_from(["a", "b", "it's", "\u00e9t\u00e9", "\u4f60"]), max_size=14).map(" ".join)


@settings(max_examples=300, deadline=None, derandomize=True)
@given(TEXT, TEXT, st.lists(TEXT, max_size=4), st.integers(1, 9))
def test_it_is_what_trying_every_run_finds(prompt, response, prompts, run):
    assert found(prompt, response, prompts, run=run) == longest_by_trying_all(prompt, response, prompts, run)


def test_a_value_does_not_depend_on_the_rows_beside_it():
    rng = np.random.default_rng(0)
    prompts = [" ".join(rng.choice(list("abcdef"), 12)) for _ in range(20)]
    asked = [" ".join(rng.choice(list("abcdef"), 12)) for _ in range(60)]
    together = contamination(texts(*asked, prompts=asked), prompts, run=5)
    assert 0 < (together > 0).sum() < 60
    assert together.tolist() == [found(each, each, prompts, run=5) for each in asked]
