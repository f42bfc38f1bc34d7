"""A run that is killed anywhere and started again ends as if nothing had happened."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.end_to_end import small
from thousand import tables

KILLS = 5


@pytest.fixture(scope="module")
def recipe(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return small.write(tmp_path_factory.mktemp("small"))


@pytest.fixture(scope="module")
def whole(recipe: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str, float]:
    out = tmp_path_factory.mktemp("whole") / "run"
    started = time.monotonic()
    return out, run(recipe, out), time.monotonic() - started


def command(recipe: Path, out: Path) -> list[str]:
    return [sys.executable, "-m", "thousand.cli", "run", str(recipe), "--out", str(out), "--json"]


def run(recipe: Path, out: Path) -> str:
    done = subprocess.run(command(recipe, out), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_killed_at_random_moments_the_same_command_ends_with_the_same_result(
    recipe: Path, whole: tuple[Path, str, float], tmp_path: Path
) -> None:
    _, expected, seconds = whole
    out = tmp_path / "run"
    moments = random.Random(20)
    killed = 0
    for _ in range(KILLS):
        process = subprocess.Popen(command(recipe, out), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True)
        try:
            process.wait(timeout=moments.uniform(0.15, 0.6) * seconds)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            killed += process.wait() == -signal.SIGKILL
    assert killed
    assert small.result(run(recipe, out)) == small.result(expected)


def test_a_finished_run_does_nothing_again(recipe: Path, whole: tuple[Path, str, float]) -> None:
    out, expected, _ = whole
    before = {path: path.stat().st_mtime_ns for path in out.rglob("*.manifest.json")}
    assert small.result(run(recipe, out)) == small.result(expected)
    assert {path: path.stat().st_mtime_ns for path in out.rglob("*.manifest.json")} == before


def test_the_same_recipe_in_two_folders_gives_identical_tables(recipe: Path, whole: tuple[Path, str, float], tmp_path: Path) -> None:
    out, expected, _ = whole
    assert small.result(run(recipe, tmp_path / "again")) == small.result(expected)
    same = ["candidates", "curate/ledger.parquet", "verdicts.parquet", *(str(p.relative_to(out)) for p in out.rglob("selection.parquet"))]
    for name in same:
        assert tables.digest(out / name) == tables.digest(tmp_path / "again" / name), name


def test_a_changed_threshold_recomputes_no_signal_and_trains_nothing_that_is_the_same(
    recipe: Path, whole: tuple[Path, str, float], tmp_path: Path
) -> None:
    out, _, _ = whole
    changed = tmp_path / "changed.yaml"
    changed.write_text(recipe.read_text().replace("signals: [asked]", "signals: [asked], rules: {words: [11, 1500]}"))
    signals = {path: path.stat().st_mtime_ns for path in (out / "curate" / "signals").glob("*.manifest.json")}
    baseline = (out / "arms/random-20/seed-0/model.manifest.json").stat().st_mtime_ns
    run(changed, out)
    assert {path: path.stat().st_mtime_ns for path in (out / "curate" / "signals").glob("*.manifest.json")} == signals
    assert (out / "arms/random-20/seed-0/model.manifest.json").stat().st_mtime_ns == baseline


def test_two_runs_in_one_directory_are_refused(recipe: Path, whole: tuple[Path, str, float]) -> None:
    from thousand.manifest import locked

    out, _, _ = whole
    with locked(out):
        done = subprocess.run(command(recipe, out), capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "Another process is at work" in done.stderr
