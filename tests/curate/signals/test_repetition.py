import numpy as np
import pytest

from tests.curate.hand_made import texts
from thousand.curate.signals.repetition import repetition


def test_the_share_of_sentences_said_before():
    assert repetition(texts("It is. It is. It is. No.", "One. Two.", "once", "It is!\nIT IS!")).values.tolist() == pytest.approx(
        [0.5, 0, 0, 0.5]
    )


def test_repeated_code_is_no_repetition():
    assert repetition(texts("Call it:\n```\nx\nx\nx\n```\nThen stop.")).values.tolist() == [0]


@pytest.mark.parametrize("response", ["", "\n \n", "```\nx\n```"])
def test_without_a_sentence_there_is_no_share(response):
    assert np.isnan(repetition(texts(response)).values).all()
