"""Work on a table part by part."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pytest

from thousand import engine, tables
from thousand.errors import DataError, RecipeError, ThousandError


@pytest.fixture
def source(tmp_path):
    pieces = [pa.table({"n": [10 * part + i for i in range(3)], "unused": ["x"] * 3}) for part in range(3)]
    tables.write_parts(tmp_path / "source", pieces, pa.schema([("n", pa.int64()), ("unused", pa.string())]))
    return tmp_path / "source"


class Double:
    """Doubles a part; dies before part ``dies``."""

    def __init__(self, dies=None):
        self.seen, self.dies = [], dies

    def __call__(self, part):
        if len(self.seen) == self.dies:
            raise KeyboardInterrupt
        assert part.column_names == ["n"]
        self.seen.append(part["n"].to_pylist())
        return pa.table({"n": pc.multiply(part["n"], 2)})


def test_every_part_becomes_a_part_of_its_name(source, tmp_path):
    told = []
    assert engine.map_parts(source, ["n"], Double(), tmp_path / "out", told.append) == 9
    assert told == [3, 6, 9]
    assert [part.name for part in engine.parts(tmp_path / "out")] == [part.name for part in engine.parts(source)]
    assert tables.read(tmp_path / "out")["n"].to_pylist() == [2 * n for n in tables.read(source)["n"].to_pylist()]


def test_parts_that_are_there_are_not_computed_again(source, tmp_path):
    with pytest.raises(KeyboardInterrupt):
        engine.map_parts(source, ["n"], Double(dies=2), tmp_path / "out")
    rest, told = Double(), []
    assert engine.map_parts(source, ["n"], rest, tmp_path / "out", told.append) == 9
    assert rest.seen == [[20, 21, 22]]
    assert told == [3, 6, 9]
    assert tables.count(tmp_path / "out") == 9


def test_a_single_file_is_one_part(tmp_path):
    tables.write(tmp_path / "t.parquet", pa.table({"n": [1, 2]}))
    assert engine.map_parts(tmp_path / "t.parquet", ["n"], Double(), tmp_path / "out") == 2
    assert [part.name for part in engine.parts(tmp_path / "out")] == ["t.parquet"]


@pytest.mark.parametrize(
    ("name", "made"),
    [
        ("here", engine.HERE),
        ("local:3", engine.Processes(3)),
        ("local:1", engine.HERE),
        ("ray", engine.Ray("auto")),
        ("ray:10.0.0.1:6379", engine.Ray("10.0.0.1:6379")),
        ("ray://head:10001", engine.Ray("ray://head:10001")),
    ],
)
def test_an_engine_has_a_name(name, made):
    assert engine.engine(name) == made


@pytest.mark.parametrize("name", ["cloud", "local:0", "local:many", "here:2", ""])
def test_a_name_that_is_no_engines_is_an_error_of_the_recipe(name):
    if not name:
        assert engine.engine(name) == engine.engine(None)  # nothing said
        return
    with pytest.raises(RecipeError, match=r"engine: .* is not known"):
        engine.engine(name)


def square(n):
    return n * n


def die(n):
    os._exit(1) if n == 2 else None
    return n


def complain(n):
    raise DataError(f"row {n}")


def test_processes_give_results_in_the_order_of_the_tasks():
    assert list(engine.Processes(2).run(square, range(20))) == [n * n for n in range(20)]


def test_a_process_that_dies_is_an_error_that_says_how_to_go_on():
    with pytest.raises(ThousandError, match=r"(?s)worker process died.*goes on from there"):
        list(engine.Processes(2).run(die, range(5)))


def test_an_error_of_a_task_is_the_same_error_here():
    with pytest.raises(DataError, match="row 0"):
        list(engine.Processes(2).run(complain, range(3)))


def whoami(folder):
    (folder / str(os.getpid())).touch()
    time.sleep(0.2)
    return os.getpid()


WORK = """
import os, signal, sys
from pathlib import Path
from thousand import engine
from tests.test_engine import whoami

if __name__ == "__main__":
    list(engine.Processes(2).run(whoami, [Path(sys.argv[1])] * 6))
    os.kill(os.getpid(), signal.SIGKILL)
"""


def test_workers_stay_for_the_next_piece_of_work_and_go_when_their_process_is_killed(tmp_path):
    (tmp_path / "pids").mkdir()
    (tmp_path / "work.py").write_text(WORK, encoding="utf-8")
    killed = subprocess.run([sys.executable, tmp_path / "work.py", tmp_path / "pids"], env=os.environ | {"PYTHONPATH": "."}, check=False)
    assert killed.returncode == -signal.SIGKILL
    workers = [int(path.name) for path in (tmp_path / "pids").iterdir()]
    assert 1 <= len(workers) <= 2
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline and any(map(running, workers)):
        time.sleep(0.1)
    assert not any(map(running, workers))


def running(pid):
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
