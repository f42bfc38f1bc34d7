"""Work that is done once: not again, not by halves, and not by two at a time."""

import json
import subprocess
import sys

import pytest

from thousand.errors import ThousandError
from thousand.manifest import Manifest, done, key_of, locked, manifest_path, once


class Work:
    """A stage that counts how often it is done; ``dies`` makes it stop half way."""

    def __init__(self, output):
        self.output, self.times, self.dies, self.found = output, 0, False, None

    def __call__(self, inputs=None, settings=None):
        return once(self.output, "count", inputs or {"pool": "abc"}, settings if settings is not None else {"k": 1}, self.make)

    def make(self, partial):
        self.times += 1
        self.found = sorted(each.name for each in partial.iterdir()) if partial.is_dir() else []
        partial.mkdir(exist_ok=True)
        (partial / "first").write_text("1")
        if self.dies:
            raise KeyboardInterrupt
        (partial / "second").write_text("2")
        return {"rows": 2}


@pytest.fixture
def work(tmp_path):
    return Work(tmp_path / "out" / "thing")


def test_what_is_done_is_not_done_again(work):
    first, second = work(), work()
    assert work.times == 1
    assert (first.fresh, second.fresh) == (True, False)
    assert first == second
    assert second.facts == {"rows": 2}
    assert sorted(each.name for each in work.output.parent.iterdir()) == ["thing", "thing.manifest.json"]


@pytest.mark.parametrize(
    ("inputs", "settings"), [({"pool": "abd"}, {"k": 1}), ({"pool": "abc", "more": "x"}, {"k": 1}), ({"pool": "abc"}, {"k": 2})]
)
def test_a_changed_input_or_setting_is_other_work(work, inputs, settings):
    before = work()
    after = work(inputs, settings)
    assert work.times == 2
    assert before.key != after.key
    assert before.digest == after.digest  # it wrote the same, and later stages may keep theirs
    assert work.found == []


def test_an_interrupted_stage_goes_on_from_what_it_left(work):
    work.dies = True
    with pytest.raises(KeyboardInterrupt):
        work()
    assert not work.output.exists()
    assert not manifest_path(work.output).exists()
    work.dies = False
    work()
    assert work.found == ["first"]
    assert sorted(each.name for each in work.output.iterdir()) == ["first", "second"]


def test_what_other_work_left_is_cleared_away(work):
    work.dies = True
    with pytest.raises(KeyboardInterrupt):
        work()
    work.dies = False
    work(settings={"k": 2})
    assert work.found == []


def test_a_stage_that_fails_over_finished_work_leaves_that_as_it_was(work):
    first = work()
    work.dies = True
    with pytest.raises(KeyboardInterrupt):
        work(settings={"k": 2})
    assert work() == first
    assert work.times == 2


def test_an_output_that_is_gone_is_made_again(work):
    work()
    (work.output / "first").unlink()
    (work.output / "second").unlink()
    work.output.rmdir()
    assert work().fresh
    assert work.times == 2


@pytest.mark.parametrize(
    "damage", [b"", b'{"stage": "cou', b"null", b"[]", b'{"stage": "count"}', b'{"from": "another version"}', b"\xff\xfe\x00", b"\x00" * 9]
)
def test_a_manifest_that_cannot_be_read_is_none(work, damage):
    first = work()
    manifest_path(work.output).write_bytes(damage)
    assert Manifest.load(manifest_path(work.output)) is None
    again = work()
    assert again.fresh
    assert (again.key, again.digest) == (first.key, first.digest)


def test_a_manifest_never_stands_beside_anothers_output(work, monkeypatch):
    work()
    monkeypatch.setattr(Manifest, "save", lambda self, path: (_ for _ in ()).throw(OSError("disk full")))
    with pytest.raises(OSError, match="disk full"):
        work(settings={"k": 2})
    assert work.output.exists()
    assert done(work.output, "count", {"pool": "abc"}, {"k": 1}) is None
    assert done(work.output, "count", {"pool": "abc"}, {"k": 2}) is None


def test_keys_do_not_depend_on_the_order_of_names():
    assert key_of("s", {"a": "1", "b": "2"}, {"x": 1, "y": 2}) == key_of("s", {"b": "2", "a": "1"}, {"y": 2, "x": 1})
    assert len({key_of("s", {}, None), key_of("t", {}, None), key_of("s", {"a": ""}, None), key_of("s", {}, 0)}) == 4


def test_facts_are_kept_as_json(work):
    work()
    record = json.loads(manifest_path(work.output).read_text())
    assert record["facts"] == {"rows": 2}
    assert record["settings"] == {"k": 1}
    assert "fresh" not in record


def test_a_run_directory_is_held_by_one_process_and_freed_by_its_death(tmp_path):
    program = (
        "import sys, time, pathlib\n"
        "from thousand.manifest import locked\n"
        "with locked(pathlib.Path(sys.argv[1])):\n"
        "    print('held', flush=True)\n"
        "    time.sleep(60)"
    )
    with subprocess.Popen([sys.executable, "-c", program, str(tmp_path)], stdout=subprocess.PIPE, text=True) as other:
        assert other.stdout.readline() == "held\n"
        with pytest.raises(ThousandError, match="Another process is at work"), locked(tmp_path):
            pass
        other.kill()
    with locked(tmp_path):
        pass
    with locked(tmp_path):  # and freed by its end
        pass
