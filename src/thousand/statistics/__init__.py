"""Outcomes, intervals, paired tests and agreement: pure functions over arrays, usable alone.

Arrays hold +1 where a wins, 0 for a tie, -1 where b wins and NaN where there is no verdict; their last axis is the prompt.
"""

from thousand.statistics.agreement import Agreement, tie_discounted
from thousand.statistics.bootstrap import mean_interval, net_interval
from thousand.statistics.interval import Interval, wilson
from thousand.statistics.outcomes import Outcomes, from_scores, outcomes, per_prompt
from thousand.statistics.sign_test import holm, sign_flip_test, sign_test

__all__ = [
    "Agreement",
    "Interval",
    "Outcomes",
    "from_scores",
    "holm",
    "mean_interval",
    "net_interval",
    "outcomes",
    "per_prompt",
    "sign_flip_test",
    "sign_test",
    "tie_discounted",
    "wilson",
]
