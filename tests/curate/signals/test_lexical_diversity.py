import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.curate.hand_made import texts
from thousand.curate.signals.lexical_diversity import lexical_diversity
from thousand.errors import RecipeError


@given(st.lists(st.sampled_from("abcdefg"), min_size=1, max_size=30), st.integers(2, 12))
def test_it_is_the_mean_share_of_different_words_over_all_windows(words, window):
    shares = [len(set(words[i : i + window])) / window for i in range(len(words) - window + 1)]
    [value] = lexical_diversity(texts(" ".join(words)), window=window).values
    assert value == pytest.approx(np.mean(shares)) if shares else np.isnan(value)


def test_it_does_not_fall_as_a_text_grows():
    words = [f"w{i % 60}" for i in range(600)]
    short, long = lexical_diversity(texts(" ".join(words[:100]), " ".join(words))).values
    assert short == pytest.approx(long)


def test_a_short_text_has_none_and_says_why():
    measured = lexical_diversity(texts("Too few words."))
    assert np.isnan(measured.values).all()
    assert measured.reasons == ["fewer than 50 words"]


def test_one_word_has_no_diversity():
    with pytest.raises(RecipeError, match="window"):
        lexical_diversity(texts("So."), window=1)
