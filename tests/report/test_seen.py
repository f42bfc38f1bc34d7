"""The sentences beneath the picture of the choice, worked by hand."""

from dataclasses import replace

import numpy as np

from tests.report.synthetic import picture
from thousand.report import seen


def test_the_map_says_how_far_picks_reach_what_the_rules_drop_and_how_little_it_shows():
    grid = np.array([[x, y] for x in range(4) for y in range(3)], dtype=float)
    what = picture(("mine", "random"))
    arms = [
        replace(what.arms[0], places=grid[[0, 5, 11]], kept=np.array([True] * 3)),
        replace(what.arms[1], places=grid[[0, 0]] + 0.01, kept=np.array([True, False])),
    ]
    said = seen.maps(replace(what, places=grid, arms=arms))
    assert "Grey: the 2,513 prompts that the rules keep; near dots" in said
    assert "Hollow dots are picks that the rules drop: 50% of random." in said
    assert "Of the 12 cells of a 12 by 12 grid that hold a kept prompt, picks reach: mine 3 and random 1." in said
    assert "hold 13% of the variance" in said
    assert "Hollow" not in seen.maps(replace(what, arms=what.arms[:1]))


def test_a_map_that_shows_a_part_says_so():
    what = picture(("mine",))
    said = seen.maps(replace(what, count=52_002, arms=[replace(what.arms[0], count=9000)]))
    assert "the 52,002 prompts that the rules keep, drawn by a sample of 4,000;" in said
    assert "Of each arm the first 2,000 picks are drawn." in said


def test_curves_are_compared_at_equal_numbers_and_at_equal_cover():
    what = picture(("mine", "fewer", "more"))
    covers = [np.array([0.2, 0.4, 0.5, 0.55]), np.array([0.1, 0.45]), np.array([0.1, 0.2, 0.6])]
    said = seen.curves(replace(what, arms=[replace(arm, coverage=each) for arm, each in zip(what.arms, covers, strict=True)]))
    assert "With 2 picks: mine 0.40, fewer 0.45 and more 0.20." in said
    assert "To cover what another arm covers in the end mine needs 3 for the 2 of fewer." in said
    assert said.endswith("It does not come so far as more.")


def test_a_claim_alone_is_compared_with_nobody():
    assert seen.curves(picture(("mine",))).endswith("With 100 picks: mine 0.77.")


def test_lengths_are_told_by_their_medians():
    what = picture(("mine", "other"))
    arms = [replace(arm, lengths=np.array(each)) for arm, each in zip(what.arms, ([1, 2, 900], [1200, 1300]), strict=True)]
    assert seen.lengths(replace(what, lengths=np.array([10, 20, 30, 41]), arms=arms)).endswith(
        "Medians: kept rows 25, mine 2 and other 1,250."
    )


def test_the_source_told_of_is_the_one_that_differs_most():
    said = seen.sources(picture())
    assert "curated-100, chat:lab/pool.jsonl (60% of the picks, 84% of the kept rows)" in said
    assert "random-100, stackexchange:lab/posts.xml (100% of the picks, 16% of the kept rows)" in said
