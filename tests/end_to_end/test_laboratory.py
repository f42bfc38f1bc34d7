"""What the laboratory finds, with its truth known: the demo's own recipe, and controls that must not find it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from thousand import tables
from thousand.lab.build import build, read_truth
from thousand.report import Summary

RECIPES = Path(__file__).parents[2] / "recipes"
pytestmark = pytest.mark.lab


def run(recipe: Path, folder: Path, *, seeds: int = 3) -> Summary:
    """Run a recipe as a user does, from a folder that holds the laboratory it names."""
    own = folder / recipe.name
    own.write_text(recipe.read_text(encoding="utf-8").replace("\nseeds: 3", f"\nseeds: {seeds}"), encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "thousand.cli", "run", own.name, "--json"], cwd=folder, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return Summary.model_validate_json(done.stdout)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("laboratory")
    build(folder / "lab")
    return folder


@pytest.fixture(scope="module")
def demo(folder: Path) -> Summary:
    return run(RECIPES / "lab.yaml", folder, seeds=2)  # the demo has three; two keep this within minutes


BASELINES = ("random-100", "longest-100", "all-equal-steps", "all-one-epoch", "none")


def test_less_is_more(demo: Summary) -> None:
    assert demo.verdict.outcome == "less is more"
    for name in BASELINES:
        for criterion in ("overall", "correct"):
            comparison = demo.comparison(name, criterion=criterion)
            assert comparison is not None and comparison.interval is not None
            assert comparison.interval[0] > 0, (name, criterion)


def test_the_margins_that_the_prototype_promised(demo: Summary) -> None:
    rating = {arm.name: arm.mean_rating for arm in demo.arms}
    claim = rating["curated-100"]
    assert claim is not None and claim >= 5.0
    for name, margin in (("random-100", 1.2), ("longest-100", 1.2), ("all-equal-steps", 0.9), ("all-one-epoch", 0.9)):
        other = rating[name]
        assert other is not None and claim - other >= margin, name


def test_the_base_knew_and_could_not_answer(demo: Summary) -> None:
    base = demo.arm("none")
    assert base.knowledge_before is not None and base.knowledge_before >= 0.95
    assert base.mean_rating is not None and base.mean_rating < 2.3


def test_nothing_was_forgotten_that_would_void_the_evidence(demo: Summary) -> None:
    assert demo.verdict.set_aside == []
    assert not any(arm.collapsed for arm in demo.arms)


def test_curation_found_the_good_rows_without_their_truth(demo: Summary, folder: Path) -> None:
    picks = tables.read(folder / "runs/lab/arms/curated-100/selection.parquet")["origin"].to_pylist()
    truth = read_truth(folder / "lab/hidden/pool.jsonl")
    good = [truth[int(origin.rpartition(":")[2]) - 1].good for origin in picks]
    assert len(good) == 100
    assert sum(good) >= 90


def test_every_row_is_accounted_for(demo: Summary) -> None:
    assert demo.pool.read == 5000
    assert demo.pool.balanced


def test_memory_stays_small(demo: Summary) -> None:
    assert demo.cost.peak_memory_mb is not None and demo.cost.peak_memory_mb < 3000


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
    summary = run(RECIPES / "controls/one_topic.yaml", folder, seeds=2)
    diverse, narrow = summary.arms[0].mean_rating, summary.arms[1].mean_rating
    assert diverse is not None and narrow is not None and diverse - narrow >= 0.8


def test_training_far_too_long_is_called_forgetting(folder: Path) -> None:
    summary = run(RECIPES / "controls/too_long.yaml", folder, seeds=1)
    assert summary.verdict.outcome == "cannot tell"
    assert "forgetting, not quantity" in summary.verdict.sentence
    assert summary.arm("guard").collapsed
