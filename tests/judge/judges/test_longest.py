"""The null judge: the longer answer, and a tie within the margin."""

from __future__ import annotations

import pytest

from tests.judge.parts import case
from thousand.judge.judges.longest import longest


@pytest.mark.parametrize(
    ("first", "second", "margin", "verdict"),
    [
        (100, 89, 0.1, "first"),
        (100, 90, 0.1, "tie"),  # just within a tenth of the longer
        (90, 100, 0.1, "tie"),
        (89, 100, 0.1, "second"),
        (0, 0, 0.1, "tie"),
        (0, 1, 0.1, "second"),
        (100, 99, 0.0, "first"),
        (100, 100, 0.0, "tie"),
        (100, 40, 0.5, "first"),
    ],
)
def test_the_longer_wins_beyond_the_margin(first, second, margin, verdict):
    [said] = longest(margin=margin).ask([case("q", "x" * first, "y" * second)], print)
    assert (said.verdict, said.raw) == (verdict, f"{first} {second}")
