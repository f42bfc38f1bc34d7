"""What the laboratory finds, with its truth known: the demo's own recipe."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.end_to_end.laboratory import RECIPES, run
from thousand import tables
from thousand.lab.build import build, read_truth
from thousand.report import Summary

pytestmark = pytest.mark.lab


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("laboratory")
    build(folder / "lab")
    return folder


@pytest.fixture(scope="module")
def demo(folder: Path) -> Summary:
    return run(RECIPES / "lab.yaml", folder)


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
