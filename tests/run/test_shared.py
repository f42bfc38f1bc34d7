"""What one run has finished another takes: by its key, whole and as it was put there, or not at all."""

from __future__ import annotations

import json
import os
import shutil
import signal
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.run import tiny
from tests.run.conftest import Whole
from thousand.manifest import Manifest, Stage, held, once
from thousand.run import run
from thousand.run.shared import Shared
from thousand.run.stages import Stages


def stage(folder: Path, name: str = "a") -> Stage:
    return Stage(folder / "model", "align", {"base": name}, {"steps": 3})


def made(work: Stage, size: int = 1000) -> Manifest:
    def make(partial: Path) -> None:
        (partial / "deep").mkdir(parents=True)
        (partial / "weights").write_bytes(b"w" * size)
        (partial / "deep" / "config.json").write_text("{}")

    return once(work.output, work.stage, work.inputs, work.settings, make)


@pytest.fixture
def refused() -> list[str]:
    return []


def test_a_second_run_trains_nothing_and_says_the_same(whole: Whole, tmp_path: Path) -> None:
    heard = tiny.Heard()
    again = run(whole.recipe, tmp_path / "again", heard, whole.shared)
    assert heard.made == ["gather", "curate"]
    assert len([name for name in heard.found if name.startswith("align")]) == 7
    assert again.arms == whole.summary.arms and again.verdict == whole.summary.verdict
    assert tiny.contents(tmp_path / "again") == tiny.contents(whole.out)
    ours, theirs = (out / "arms/long/seed-1/model/model.safetensors" for out in (tmp_path / "again", whole.out))
    assert ours.stat().st_ino == theirs.stat().st_ino  # one file, two names


def test_what_equals_another_arms_training_is_not_trained_again_within_a_run(whole: Whole) -> None:
    assert "align: guard, seed 0" in whole.heard.found  # it trains the claim's examples for as many steps as the claim did
    assert len([name for name in whole.heard.made if name.startswith("align")]) == 6


def test_a_damaged_entry_is_refused_and_made_again(whole: Whole, tmp_path: Path) -> None:
    shutil.copytree(whole.shared, tmp_path / "shared")  # copies: the run's own files stay as they are
    key = json.loads((whole.out / "arms/long/seed-0/model.manifest.json").read_text())["key"]
    weights = tmp_path / "shared/align/model" / key / "model/model.safetensors"
    damaged = bytearray(weights.read_bytes())
    damaged[-1] ^= 1
    weights.write_bytes(damaged)
    heard = tiny.Heard()
    run(whole.recipe, tmp_path / "out", heard, tmp_path / "shared")
    assert [name for name in heard.made if ":" in name] == ["align: long, seed 0"]
    assert len(heard.said) == 1 and key in heard.said[0] and "made again" in heard.said[0]
    assert tiny.contents(tmp_path / "out") == tiny.contents(whole.out)
    assert weights.read_bytes() != bytes(damaged)


def test_what_is_taken_stands_as_if_it_had_been_made_here(tmp_path: Path, refused: list[str]) -> None:
    store, here, there = Shared(tmp_path / "shared"), stage(tmp_path / "here"), stage(tmp_path / "there")
    store.give(here, made(here))
    assert store.take(there, refused.append) == made(there) == Manifest.load(there.output.with_name("model.manifest.json"))
    assert (there.output / "deep" / "config.json").read_text() == "{}"
    (there.output / "README.md").write_text("a card")
    assert store.take(stage(tmp_path / "third"), refused.append) is not None  # what is added here is not added there
    assert not refused


def test_another_key_or_another_form_of_the_output_is_another_entry(tmp_path: Path, refused: list[str]) -> None:
    store, here = Shared(tmp_path / "shared"), stage(tmp_path / "here")
    store.give(here, made(here))
    assert store.take(stage(tmp_path / "there", "b"), refused.append) is None
    epochs = Stage(tmp_path / "there" / "epochs", here.stage, here.inputs, here.settings)  # the same training, kept epoch by epoch
    assert epochs.key == here.key and store.take(epochs, refused.append) is None
    assert not refused


@pytest.mark.parametrize("harm", ["manifest", "file", "more", "link", "content"])
def test_an_entry_that_is_not_what_it_was_is_never_used(tmp_path: Path, refused: list[str], harm: str) -> None:
    store, here = Shared(tmp_path / "shared"), stage(tmp_path / "here")
    store.give(here, made(here))
    entry = tmp_path / "shared/align/model" / here.key
    if harm == "manifest":
        (entry / "manifest.json").write_text("{")
    elif harm == "file":
        (entry / "model" / "weights").unlink()
    elif harm == "more":
        (entry / "model" / "code.py").write_text("import os")
    elif harm == "link":
        (entry / "model" / "weights").unlink()
        (entry / "model" / "weights").symlink_to(here.output / "weights")
    else:
        shutil.rmtree(entry / "model")
    assert store.take(stage(tmp_path / "there"), refused.append) is None
    assert len(refused) == 1 and not entry.exists()
    assert not (tmp_path / "there" / "model").exists()


def test_where_links_cannot_be_there_are_copies(tmp_path: Path, refused: list[str]) -> None:
    other = Path("/dev/shm")
    if not other.is_dir() or other.stat().st_dev == tmp_path.stat().st_dev:
        pytest.skip("there is no second file system at /dev/shm")
    folder = other / f"thousand-{os.getpid()}"
    try:
        store, here = Shared(folder), stage(tmp_path / "here")
        store.give(here, made(here))
        assert store.take(stage(tmp_path / "there"), refused.append) is not None
        assert (tmp_path / "there/model/weights").read_bytes() == (here.output / "weights").read_bytes()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def forked(work: Callable[[], None]) -> int:
    """Do something in a process of its own."""
    pid = os.fork()
    if pid == 0:
        try:
            work()
        except BaseException:
            os._exit(1)
        os._exit(0)
    return pid


def test_several_at_once_make_it_once(tmp_path: Path) -> None:
    log = tmp_path / "log"

    def make(partial: Path) -> None:
        with log.open("a") as stream:
            stream.write("made\n")
        time.sleep(0.2)
        partial.write_text("the same")

    def work(number: int) -> None:
        stages = Stages(tiny.Heard(), Shared(tmp_path / "shared"))
        stages.once(tmp_path / f"run-{number}" / "model.txt", "align", "align", {}, None, make)

    processes = [forked(lambda number=number: work(number)) for number in range(4)]
    assert [os.waitpid(pid, 0)[1] for pid in processes] == [0] * 4
    assert log.read_text() == "made\n"
    assert {path.read_text() for path in tmp_path.glob("run-*/model.txt")} == {"the same"}
    assert len(list(tmp_path.glob("run-*/model.txt"))) == 4


def test_killed_while_it_puts_an_entry_there_it_leaves_none_that_is_used(tmp_path: Path, refused: list[str]) -> None:
    store = Shared(tmp_path / "shared")
    finished = {name: made(stage(tmp_path / "here" / name, name), size=1 << 20) for name in map(str, range(20))}

    def work() -> None:
        for name, manifest in finished.items():
            store.give(stage(tmp_path / "here" / name, name), manifest)

    for moment in (0.0005, 0.001, 0.002, 0.004, 0.008):
        pid = forked(work)
        time.sleep(moment)
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
        for name in finished:
            there = stage(tmp_path / "there" / name, name)
            taken = store.take(there, refused.append)
            assert taken is None or (there.output / "weights").stat().st_size == 1 << 20
    assert not refused
    for partial in (tmp_path / "shared").glob("*/*/*.partial"):
        os.utime(partial, (0, 0))
    store.sweep()
    assert not list((tmp_path / "shared").glob("*/*/*.partial"))


def test_who_waits_is_told(tmp_path: Path) -> None:
    lock, told = tmp_path / "a.lock", []

    def work() -> None:
        with held(lock):
            (tmp_path / "held").touch()
            time.sleep(0.3)

    pid = forked(work)
    while not (tmp_path / "held").exists():
        time.sleep(0.01)
    started = time.monotonic()
    with held(lock, lambda: told.append("waiting")):
        assert time.monotonic() - started > 0.1
    os.waitpid(pid, 0)
    assert told == ["waiting"]


def test_a_full_disk_leaves_nothing_half(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    stage = Stage(tmp_path / "run" / "model", "align", {}, {})

    def make(partial: Path) -> None:
        partial.mkdir()
        (partial / "weights").write_text("1", encoding="utf-8")

    made = once(stage.output, stage.stage, stage.inputs, stage.settings, make)

    def full(source: str, target: str) -> None:
        Path(target).write_text("half", encoding="utf-8")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("thousand.run.shared._link_file", full)
    with pytest.raises(OSError, match="No space left"):
        Shared(tmp_path / "shared").give(stage, made)
    assert not list((tmp_path / "shared").rglob("*.partial"))
