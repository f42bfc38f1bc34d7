import numpy as np
import pytest

from tests.curate.hand_made import texts
from thousand.curate.signals.acknowledged import acknowledged
from thousand.curate.texts import Pool

POOL = Pool(99, {"the": 99, "bridge": 9, "old": 0})
"""Rarities by hand: the 0, bridge ln 10, old (in no response) ln 100 = 2 ln 10."""


@pytest.mark.parametrize(
    ("response", "share"),
    [
        ("The old bridge stands. More follows.", 1),
        ("That bridge stands. The old one.", 1 / 3),
        ("Old.\nThe bridge.", 2 / 3),
        ("The one. The old bridge.", 0),
    ],
)
def test_only_the_first_sentence_counts_and_rare_words_count_more(response, share):
    assert acknowledged(texts(response, prompts=["the old bridge?"]), POOL).tolist() == pytest.approx([share])


def test_a_word_said_twice_counts_once():
    assert acknowledged(texts("Bridge, bridge, bridge", prompts=["old bridge"]), POOL).tolist() == pytest.approx([1 / 3])


@pytest.mark.parametrize(("prompt", "response"), [("the", "the"), ("", "the"), ("old", "")])
def test_without_a_rare_word_or_a_sentence_there_is_no_share(prompt, response):
    assert np.isnan(acknowledged(texts(response, prompts=[prompt]), POOL)).all()
