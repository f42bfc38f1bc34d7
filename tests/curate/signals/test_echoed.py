import numpy as np
import pytest

from tests.curate.hand_made import texts
from thousand.curate.signals.echoed import echoed


@pytest.mark.parametrize(
    ("prompt", "response", "share"),
    [
        ("What is it?", "What is it? It is a cat.", 3 / 7),
        ("What is it?", "WHAT -- is it", 1),
        ("What is it?", "It is a cat.", 0),
        ("What is it?", "It is what it is.", 0),  # not at the start and in the prompt's order
        ("What is it?", "What", 1),
        ("", "What", 0),
    ],
)
def test_the_share_that_only_repeats_the_prompt_from_its_start(prompt, response, share):
    assert echoed(texts(response, prompts=[prompt])).values.tolist() == pytest.approx([share])


def test_a_response_without_words_has_no_share():
    assert np.isnan(echoed(texts("...", prompts=["What?"])).values).all()
