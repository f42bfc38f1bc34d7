import numpy as np
import pytest

from tests.curate.hand_made import texts
from thousand.curate.signals.capitals import capitals


def test_the_share_of_capitals_is_of_the_letters():
    assert capitals(texts("ABcd", "STOP!!! 123", "quiet", "\u00c9t\u00e9")).values.tolist() == pytest.approx([0.5, 1, 0, 1 / 3])


def test_code_does_not_shout():
    assert capitals(texts("use `SELECT * FROM T` here\n```\nWHERE X\n```")).values.tolist() == [0]


@pytest.mark.parametrize("response", ["12 + 30 = 42", "", "\u4f60\u597d", "`CODE`"])
def test_without_cased_letters_there_is_no_share(response):
    assert np.isnan(capitals(texts(response)).values).all()
