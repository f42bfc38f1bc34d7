"""Words, which must be found fast and be the same."""

import re

from hypothesis import given, settings
from hypothesis import strategies as st

from thousand.curate import texts
from thousand.curate.texts import count, words

PIECES = [
    "don't",
    "'",
    "\u2019",
    "a",
    "B1",
    "_",
    " ",
    "\n",
    ".",
    "-",
    "\u00e9",
    "\u0130",
    "\u03a3",
    "\u4f60",
    "\u30ab",
    "\x1c",
    "\x85",
    "\xa0",
    "\u0301",
]


@settings(max_examples=500, derandomize=True)
@given(st.lists(st.sampled_from(PIECES) | st.text(max_size=3), max_size=12).map("".join))
def test_words_are_those_of_the_plain_pattern(text):
    assert words(text) == texts._WORD.findall(text.lower())
    assert list(texts.words_one_by_one(text)) == words(text)


def test_a_pattern_is_counted_only_where_the_screen_finds_something():
    some = ["a cat, a cat", "A Cat", "", "a dog"]
    assert count(some, re.compile("cat", re.IGNORECASE), "cat").tolist() == [2, 1, 0, 0]
    assert count(some, re.compile("cat", re.IGNORECASE), "dog").tolist() == [0, 0, 0, 0]
    assert count([], re.compile("cat"), "cat").tolist() == []
