import numpy as np
import pytest

from thousand.statistics import constant, twins


def columns(prompts=400, good=0.95):
    """Two good models that win by themselves, and one file of verdicts under two names with one slip."""
    generator = np.random.default_rng(0)
    one, other = ((generator.random(prompts) < good) * 2.0 - 1 for _ in range(2))
    copied = one.copy()
    copied[3] = -copied[3]
    return {"one": one.tolist(), "other": other.tolist(), "copied": copied.tolist()}


def test_one_file_under_two_names_is_found_though_a_verdict_differs():
    (found,) = twins(columns())
    assert (found.first, found.second, found.same.n) == ("one", "copied", 400)
    assert found.same.value == pytest.approx(399 / 400)
    assert 0.85 < found.chance < 0.95


def test_good_models_that_win_nearly_everything_are_not_taken_for_one():
    assert twins({"one": [1] * 99 + [0], "other": [0] + [1] * 99}) == []
    assert twins({"one": [1] * 100, "other": [1] * 100}) == []  # nothing beyond chance can be seen here


def test_answers_are_compared_as_they_stand():
    answers = [f"answer {at}" for at in range(50)]
    (found,) = twins({"a": answers, "b": [*answers[:49], "another"], "c": answers[::-1]})
    assert (found.first, found.second) == ("a", "b")


def test_what_one_of_them_lacks_is_not_compared():
    (found,) = twins({"a": [1.0, 2.0, np.nan, 4.0], "b": [1.0, 2.0, 3.0, None]})
    assert (found.same.value, found.same.n) == (1.0, 2)
    assert twins({"a": [None, None], "b": [1.0, 2.0]}) == []
    with pytest.raises(ValueError, match="zip"):
        twins({"a": [1.0], "b": [1.0, 2.0]})


def test_one_answer_to_everything_is_found():
    found = constant(["I cannot say."] * 60 + [f"answer {at}" for at in range(40)])
    assert (found.value, found.share.value, found.share.n) == ("I cannot say.", 0.6, 100)
    assert 0.5 < found.share.interval.low < 0.6 < found.share.interval.high


def test_answers_that_differ_are_left_in_peace():
    assert constant([f"answer {at}" for at in range(40)] + ["yes"] * 20) is None
    assert constant(["the only one", None, float("nan")]) is None
    assert constant([]) is None
