"""Controls: what must not be found where it is not, with the laboratory's truth known."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.end_to_end.laboratory import RECIPES, run
from thousand.lab.build import build
from thousand.report import Summary

pytestmark = pytest.mark.lab


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("laboratory")
    build(folder / "lab")
    return folder


def test_curation_by_shuffled_signals_does_not_win(folder: Path) -> None:
    summary = run(RECIPES / "controls/placebo.yaml", folder, seeds=2)
    assert summary.verdict.outcome != "less is more"
    comparison = summary.comparison("random-100")
    assert comparison is not None and comparison.interval is not None and comparison.interval[0] <= 0


def test_a_clean_pool_shows_no_difference(folder: Path) -> None:
    build(folder / "lab-clean", variant="clean")
    summary = run(RECIPES / "controls/clean.yaml", folder, seeds=2)
    assert summary.verdict.outcome == "no difference shown"


def test_good_rows_of_one_topic_are_worse_than_good_rows_of_many(folder: Path) -> None:
    build(folder / "lab-topics", variant="topics")
    summary = run(RECIPES / "controls/one_topic.yaml", folder, seeds=3)  # the bar is for three
    diverse, narrow = summary.arms[0].mean_rating, summary.arms[1].mean_rating
    assert diverse is not None and narrow is not None and diverse - narrow >= 0.8


def test_training_far_too_long_is_called_forgetting(folder: Path) -> None:
    summary = run(RECIPES / "controls/too_long.yaml", folder, seeds=1)
    assert summary.verdict.outcome == "cannot tell"
    assert "forgetting, not quantity" in summary.verdict.sentence
    assert summary.arm("guard").collapsed


@pytest.fixture(scope="module")
def few(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Laboratories of a few hundred rows and a few prompts."""
    folder = tmp_path_factory.mktemp("few")
    build(folder / "lab", size=700)
    build(folder / "lab-leaked", variant="leaked", size=700)
    for path in (*folder.glob("*/prompts.jsonl"), *folder.glob("*/knowledge.jsonl")):
        path.write_text("".join(path.read_text(encoding="utf-8").splitlines(keepends=True)[:40]), encoding="utf-8")
    return folder


def shortly(name: str, folder: Path, seeds: int = 1) -> Summary:
    """A control whose finding is not one of training, with a few steps and a seventh of the rows."""
    recipe = (RECIPES / "controls" / f"{name}.yaml").read_text(encoding="utf-8")
    (folder / f"{name}.yaml").write_text(recipe.replace("align: {", "align: {steps: 4, "), encoding="utf-8")
    return run(folder / f"{name}.yaml", folder, seeds=seeds)


def test_one_arm_under_two_names_does_not_differ_from_itself(few: Path) -> None:
    summary = shortly("same_arm_twice", few, seeds=2)
    assert summary.verdict.outcome == "no difference shown"
    assert all(each.net == pytest.approx(0.0, abs=1e-9) for each in summary.comparisons)


def test_a_judge_of_letters_is_warned_of_in_the_verdict(few: Path) -> None:
    summary = shortly("length_judge", few)
    assert any("longer answer" in each for each in summary.verdict.warnings)


def test_leaked_prompts_stand_at_the_head_of_the_verdict(few: Path) -> None:
    summary = shortly("leaked", few)
    assert summary.verdict.contaminated
    assert summary.verdict.sentence.startswith("Contaminated: ")
