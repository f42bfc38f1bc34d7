"""Shards in one directory: several at once, one that is killed, and the run that finishes them is the run without."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.run import tiny
from tests.run.conftest import Whole
from thousand.errors import ThousandError
from thousand.manifest import locked
from thousand.run import run
from thousand.run.looking import left
from thousand.run.run import opened
from thousand.run.units import units


def shard(whole: Whole, out: Path, which: str) -> subprocess.Popen[str]:
    tiny.recipe(whole.folder)
    command = [sys.executable, "-m", "thousand.cli", "run", str(whole.folder / "recipe.yaml"), "--out", str(out), "--no-shared"]
    return subprocess.Popen([*command, "--shard", which], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def test_two_at_once_and_then_the_run_give_what_one_run_gives(whole: Whole, tmp_path: Path) -> None:
    both = [shard(whole, tmp_path / "out", which) for which in ("1/2", "2/2")]
    said = [process.communicate()[0] for process in both]
    assert [process.returncode for process in both] == [0, 0], said
    assert sum(int(each.split(": ")[1].split(" ")[0]) for each in said) == len(units(whole.recipe)) == 8
    assert any("without --shard judges and reports" in each for each in said)  # whoever comes last leaves nothing
    assert not (tmp_path / "out" / "report.html").exists()
    heard = tiny.Heard()
    summary = run(whole.recipe, tmp_path / "out", heard)
    assert [name for name in heard.made if not name.startswith("reserve")] == ["judge"]
    assert tiny.contents(tmp_path / "out") == tiny.contents(whole.out)
    assert summary.arms == whole.summary.arms


def test_what_a_killed_shard_did_not_do_the_run_does(whole: Whole, tmp_path: Path) -> None:
    process = shard(whole, tmp_path / "out", "1/2")
    while process.poll() is None and not list(tmp_path.glob("out/arms/*/seed-*/model.partial")):
        time.sleep(0.02)
    os.kill(process.pid, signal.SIGKILL)
    process.communicate()
    assert process.returncode == -signal.SIGKILL, "it ended before it could be killed: nothing was tested"
    assert any(each.stage for each in left(opened(whole.recipe, tmp_path / "out"), units(whole.recipe)).values())
    run(whole.recipe, tmp_path / "out", shared=whole.shared)
    assert tiny.contents(tmp_path / "out") == tiny.contents(whole.out)


def test_a_run_waits_for_no_shard_and_is_refused_beside_one(whole: Whole, tmp_path: Path) -> None:
    with locked(tmp_path, among=True):
        with locked(tmp_path, among=True):
            pass
        with pytest.raises(ThousandError, match="Another process is at work"):
            run(whole.recipe, tmp_path)
