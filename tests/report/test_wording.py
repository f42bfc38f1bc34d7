import pytest
from hypothesis import given
from hypothesis import strategies as st

from thousand.report import wording


@pytest.mark.parametrize(
    ("share", "said"), [(None, "–"), (1.0, "100%"), (0.9999, ">99%"), (0.987, "99%"), (0.001, "<1%"), (0.0, "0%"), (0.5, "50%")]
)
def test_percents_never_round_to_all_or_nothing(share, said):
    assert wording.percent(share) == said


@pytest.mark.parametrize(("share", "said"), [(0.42, "+42"), (-0.111, "−11"), (0.001, "0"), (-0.001, "0"), (None, "–")])
def test_points_carry_their_sign(share, said):
    assert wording.points(share) == said


@pytest.mark.parametrize(
    ("interval", "said"),
    [((0.33, 0.51), "+33 to +51"), ((0.004, 0.09), "+0.4 to +9"), ((-0.09, -0.0002), "−9 to −0.02"), ((0.0, 0.1), "0 to +10"), (None, "")],
)
def test_an_interval_without_zero_does_not_round_to_one_with_it(interval, said):
    assert wording.points_span(interval) == said


@given(st.lists(st.integers(0, 50), min_size=3, max_size=3).filter(any))
def test_whole_shares_add_up_to_a_hundred_and_stay_near_what_they_were(counts):
    exact = [count / sum(counts) for count in counts]
    whole = wording.shares(*exact)
    assert sum(whole) == 100
    assert all(abs(a - 100 * b) < 1 for a, b in zip(whole, exact, strict=True))


@pytest.mark.parametrize(("seconds", "said"), [(0.42, "0.4 s"), (12.3, "12 s"), (94.2, "1 min 34 s"), (59.9, "60 s"), (7260, "2 h 1 min")])
def test_durations(seconds, said):
    assert wording.duration(seconds) == said


def test_lists_and_plurals():
    assert wording.listed([]) == "none"
    assert wording.listed(["a"]) == "a"
    assert wording.listed(["a", "b", "c"]) == "a, b and c"
    assert wording.plural(1, "seed") == "1 seed"
    assert wording.plural(1200, "prompt") == "1,200 prompts"


def test_p_values_are_not_rounded_to_zero():
    assert wording.probability(1e-20) == "<0.001"
    assert wording.probability(0.0312) == "0.031"
    assert wording.probability(0.5) == "0.50"
