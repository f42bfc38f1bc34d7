import pytest

from thousand.statistics import wilson


@pytest.mark.parametrize(
    ("successes", "n", "low", "high"),
    [(25, 50, 37, 63), (9, 20, 26, 66), (24, 30, 63, 90)],  # LIMA's Excellent answers, out-of-distribution answers, safe answers
)
def test_wilson_gives_the_intervals_of_the_papers_shares(successes, n, low, high):
    interval = wilson(successes, n)
    assert (round(100 * interval.low), round(100 * interval.high)) == (low, high)


def test_wilson_is_not_certain_of_all_or_none():
    assert wilson(20, 20).low == pytest.approx(20 / (20 + 1.959964**2))  # by hand: the formula at share 1
    assert wilson(0, 20).low == 0
    assert wilson(0, 20).high > 0.1


def test_wilson_of_nothing_is_nothing_and_of_nonsense_an_error():
    assert wilson(0, 0) is None
    with pytest.raises(ValueError, match="3 successes of 2"):
        wilson(3, 2)


def test_an_interval_says_whether_the_sign_is_sure():
    assert wilson(5, 10).excludes_zero
    assert 0.5 in wilson(5, 10)
    assert 0.9 not in wilson(5, 10)
