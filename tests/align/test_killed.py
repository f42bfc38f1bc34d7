"""``kill -9`` of a training, and the same command again: what comes out is what would have come out, bit for bit."""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
import time

import pyarrow.parquet as pq
import pytest

from tests.align.killed import thousand
from tests.align.test_align import FAST, Interruption, selection
from tests.small import SHIPPED
from thousand.align import align, epochs_in
from thousand.errors import DataError
from thousand.recipe import Align
from thousand.tables import digest_bytes

SETTINGS = ["batch=4", "epochs=4", "learning_rate=5e-4", "final_learning_rate=5e-5", "keep=float32"]  # three steps an epoch
MOMENTS = {  # and the state that is whole then
    "half checkpoint-3/optimizer.pt": [],
    "half epoch-02.partial/model.safetensors": ["checkpoint-3"],
    "os.rename checkpoint-6/whole.json.partial": ["checkpoint-3"],  # the next is all written, but nothing says so
    "shutil.rmtree checkpoint-6": ["checkpoint-9"],
    "os.rename epoch-04.partial": ["checkpoint-9"],
    "half model.whole/model.safetensors": ["checkpoint-12"],  # training is over
    "os.rename model.whole": ["checkpoint-12"],
    "shutil.rmtree resume": [],
}


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """Starts the command in a process of its own, to write to a folder."""
    rows = tmp_path_factory.mktemp("rows") / "selection.parquet"
    pq.write_table(selection(12), rows)
    processes = multiprocessing.get_context("forkserver")
    processes.set_forkserver_preload(["tests.align.killed"])

    def start(folder, moment=None):
        arguments = ["align", str(rows), "--base", str(SHIPPED), "--out", str(folder / "model"), "--seed", "3"]
        process = processes.Process(target=thousand, args=([*arguments, *(f"--set={each}" for each in SETTINGS)], moment))
        process.start()
        return process

    return start


@pytest.fixture(scope="module")
def through(run, tmp_path_factory):
    """What an uninterrupted training writes."""
    folder = tmp_path_factory.mktemp("through")
    process = run(folder)
    process.join()
    assert process.exitcode == 0
    return written(folder)


def written(folder):
    """Every file by its content."""
    return {path.relative_to(folder).as_posix(): digest_bytes(path) for path in folder.rglob("*") if path.is_file()}


def test_a_training_killed_in_its_third_epoch_ends_as_if_it_had_not_been(run, through, tmp_path):
    state = tmp_path / "model-checkpoints" / "resume" / "checkpoint-6"
    process = run(tmp_path)
    while not (state / "whole.json").exists():
        assert process.is_alive()
        time.sleep(0.002)
    os.kill(process.pid, signal.SIGKILL)
    process.join()
    assert process.exitcode == -signal.SIGKILL
    assert not (tmp_path / "model-checkpoints" / "epoch-03").exists()
    again = run(tmp_path)
    again.join()
    assert again.exitcode == 0
    assert {"model/model.safetensors", "model/alignment.json", "model-checkpoints/epoch-04/model.safetensors"} <= through.keys()
    assert written(tmp_path) == through


def test_it_may_be_killed_at_any_moment_and_again_and_again(run, through, tmp_path):
    for moment, whole in MOMENTS.items():
        process = run(tmp_path, moment)
        process.join()
        assert process.exitcode == -signal.SIGKILL, moment
        assert [path.parent.name for path in tmp_path.glob("model-checkpoints/resume/*/whole.json")] == whole, moment
    last = run(tmp_path)
    last.join()
    assert last.exitcode == 0
    assert written(tmp_path) == through


KEPT = FAST | {"checkpoints": True, "keep": "float32"}


def train(folder, *, seed=0, stop=None, **settings):
    def unplugged(step, *_):
        if step == stop:
            raise Interruption

    return align(
        selection(), SHIPPED, folder / "model", Align(**KEPT | settings), seed=seed, checkpoints=folder / "kept", progress=unplugged
    )


def test_a_training_that_ends_within_an_epoch_takes_no_step_more_when_it_is_killed_at_its_end(tmp_path, monkeypatch):
    through = train(tmp_path / "through", steps=5)  # three an epoch
    with monkeypatch.context() as patched, pytest.raises(Interruption):
        patched.setattr(sys.modules["thousand.align.resume"], "finish", lambda _: (_ for _ in ()).throw(Interruption))
        train(tmp_path / "killed", steps=5)
    assert train(tmp_path / "killed", steps=5) == through
    assert written(tmp_path / "killed") == written(tmp_path / "through")


@pytest.mark.parametrize("other", [{"seed": 1}, {"epochs": 4}, {"loss_on": "all"}])
def test_what_another_training_has_left_is_not_gone_on_from(tmp_path, other):
    with pytest.raises(Interruption):
        train(tmp_path, epochs=3, stop=4)
    with pytest.raises(DataError, match="an unfinished training of something else") as raised:
        train(tmp_path, **{"epochs": 3} | other)
    assert str(tmp_path / "kept") in str(raised.value)
    assert "Finish it with the command that began it" in raised.value.remedy


def test_a_training_that_begins_anew_leaves_no_epoch_of_one_before(tmp_path):
    train(tmp_path, epochs=3)
    train(tmp_path, epochs=2)
    assert list(epochs_in(tmp_path / "kept")) == [1, 2]
