"""What is compared of a conversation, and the plain form of a text."""

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.curate.duplicates.pools import words
from tests.small import chat
from thousand import tables
from thousand.conversation import prompt_of, response_of
from thousand.curate.duplicates.sides import plain, side


def plained(*texts):
    return plain(pa.array(texts, pa.large_string())).to_pylist()


def column(rows):
    return pa.chunked_array([pa.array(rows, tables.MESSAGES)])


CONVERSATIONS = [
    chat("Who?", "He."),
    chat("Who?", "He.", "When?", "Then."),
    [{"role": "system", "content": "Be brief."}, *chat("Why?", "So.")],
    chat("A question without an answer"),
    [{"role": "system", "content": "Only this."}],
    [*chat("Run it.", "Yes.", "And?"), {"role": "tool", "content": "42"}, {"role": "assistant", "content": "It is 42."}],
]


@pytest.mark.parametrize("rows", [CONVERSATIONS, CONVERSATIONS[3:4], []])
def test_the_sides_are_those_of_the_conversations(rows):
    assert side(column(rows), "prompt").to_pylist() == [prompt_of(each) for each in rows]
    assert side(column(rows), "response").to_pylist() == [response_of(each) for each in rows]
    assert side(column(rows), "both").to_pylist() == [f"{prompt_of(each)}\n{response_of(each)}" for each in rows]


def test_a_piece_of_a_larger_table_is_read_at_its_place():
    table = pa.table({"messages": column(CONVERSATIONS * 3)}).slice(7, 4)
    assert side(table["messages"], "response").to_pylist() == [response_of(each) for each in (CONVERSATIONS * 3)[7:11]]


def test_case_spacing_and_punctuation_do_not_count():
    assert set(
        plained("The old bridge.", "  the  OLD\n\tbridge", "“The old—bridge!”", "**The** _old_ `bridge`", "the\u00a0old\u2003bridge")
    ) == {"the old bridge"}
    assert plained("don't stop") == plained("DON’T STOP")


def test_symbols_count_and_are_words_by_themselves():
    assert plained("a<b", "a < b", "a > b", "a b") == ["a < b", "a < b", "a > b", "a b"]
    assert plained("C++") != plained("C")
    assert plained("5 €", "5 £", "5€") == ["5 €", "5 £", "5 €"]
    assert plained("good 👍", "good 👎")[0] != plained("good 👍", "good 👎")[1]


def test_characters_written_without_spaces_are_words_by_themselves():
    assert plained("東京タワー。abc") == ["東 京 タ ワ ー abc"]
    assert plained("ÜBER Straße", "हिन्दी") == ["über straße", "हिन्दी"]


@pytest.mark.parametrize("text", ["", "  \n", "...", "?!—“”", "***"])
def test_without_a_word_nothing_is_left(text):
    assert plained(text, "é " + text) == ["", "é"]


@settings(max_examples=60, deadline=None, derandomize=True)
@given(st.lists(st.text(st.characters(codec="utf-8"), max_size=20), max_size=5))
def test_the_plain_form_of_a_plain_form_is_itself_and_a_neighbour_changes_nothing(texts):
    once = plained(*texts)
    assert once == [plained(text)[0] for text in texts]
    assert plained(*once) == once or any("İ" in text for text in texts)


@settings(max_examples=200, deadline=None, derandomize=True)
@given(st.text("abcXYZ 09.,;:!?\"'()-_\n\t*#", max_size=30))
def test_of_plain_english_only_the_words_are_left(text):
    assert plained(text)[0].split() == words(text)
