import numpy as np

from tests.curate.hand_made import texts
from thousand.curate.signals.score import score


def test_the_sources_own_score_is_kept_and_a_missing_one_stays_missing():
    assert np.array_equal(score(texts("a", "b", "c", scores=[12, -3, np.nan])).values, [12, -3, np.nan], equal_nan=True)
