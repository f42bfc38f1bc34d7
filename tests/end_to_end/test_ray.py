"""A Ray cluster of two nodes on this machine: the same recipe gives the same tables, also when a worker is killed at work."""

import os
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.end_to_end.small import write
from thousand import tables
from thousand.recipe import Arm, load
from thousand.run import prepare, run

ray = pytest.importorskip("ray", reason="Ray is an extra: pip install 'thousand[ray]'")


@pytest.fixture(scope="module")
def cluster():
    from ray.cluster_utils import Cluster

    os.environ["RAY_USAGE_STATS_ENABLED"] = "0"
    # Workers import this package from where the tests run, as every node of a cluster has it installed.
    nodes = Cluster(initialize_head=True, head_node_args={"num_cpus": 1, "object_store_memory": 80_000_000, "include_dashboard": False})
    nodes.add_node(num_cpus=1, object_store_memory=80_000_000)
    nodes.wait_for_nodes()
    yield f"ray:{nodes.address}"
    ray.shutdown()
    nodes.shutdown()


@pytest.fixture(scope="module")
def recipe(tmp_path_factory):
    """The small recipe over a pool in several files, each long enough to be a shard of its own."""
    folder = tmp_path_factory.mktemp("ray")
    small = load(write(folder))
    lines = (folder / "lab" / "pool.jsonl").read_text(encoding="utf-8").splitlines(keepends=True)
    padding = "{broken " + "x" * (1 << 24) + "\n"  # rejected, and more than is read together
    for part in range(4):
        (folder / f"pool-{part}.jsonl").write_text(padding + "".join(lines[part::4]), encoding="utf-8")
    pool = [{"chat": str(folder / "pool-*.jsonl")}]
    curate = small.curate.model_dump() | {"signals": []}
    arms = {"random-20": {"select": "random", "budget": 20}}
    return type(small).model_validate(small.model_dump() | {"pool": pool, "curate": curate, "arms": arms})


@pytest.fixture(scope="module")
def expected(recipe, tmp_path_factory):
    out = tmp_path_factory.mktemp("here")
    prepare(recipe.model_copy(update={"engine": "here"}), out)
    return contents(out)


def contents(out: Path) -> dict[str, str]:
    """What stands in the tables that curation wrote."""
    return {name: tables.digest(out / name) for name in ("candidates", "rejected", "curate/texts", "curate/ledger.parquet")}


def test_a_cluster_gives_what_one_process_gives(cluster, recipe, expected, tmp_path):
    pool = prepare(recipe.model_copy(update={"engine": cluster}), tmp_path)
    assert pool.read == pool.kept + pool.dropped + pool.rejected == 5004
    assert contents(tmp_path) == expected


@contextmanager
def killing(ready: Callable[[], object]) -> Iterator[None]:
    """Meanwhile, kill the first worker that is seen at a task of ours once something is ready."""
    killed: list[int] = []

    def kill() -> None:
        while not stop.is_set() and not ready():
            time.sleep(0.01)
        while not stop.is_set() and not killed:
            listed = subprocess.run(["pgrep", "-f", "^ray::task"], capture_output=True, text=True, check=False)
            for pid in listed.stdout.split():
                os.kill(int(pid), signal.SIGKILL)
                killed.append(int(pid))
                return
            time.sleep(0.01)

    stop = threading.Event()
    killer = threading.Thread(target=kill)
    killer.start()
    try:
        yield
    finally:
        stop.set()
        killer.join()
    assert killed, "no worker was ever seen at work: nothing was tested"


def test_a_worker_that_is_killed_changes_nothing(cluster, recipe, expected, tmp_path):
    with killing(lambda: True):
        prepare(recipe.model_copy(update={"engine": cluster}), tmp_path)
    assert contents(tmp_path) == expected


def test_arms_are_trained_on_the_cluster_also_when_a_worker_is_killed_at_it(cluster, recipe, tmp_path):
    arms = recipe.arms | {"guard": Arm(guard="random-20", seeds=1), "none": Arm(seeds=1)}
    study = recipe.model_copy(update={"arms": arms, "engine": "here"})
    here = run(study, tmp_path / "here")
    with killing(lambda: list(tmp_path.glob("there/arms/*/seed-*/model.partial"))):
        there = run(study.model_copy(update={"engine": cluster}), tmp_path / "there")
    assert there.arms == here.arms and not any(arm.failed for arm in there.arms)
    names = [str(path.relative_to(tmp_path / "here")) for path in (tmp_path / "here" / "arms").rglob("*.parquet")]
    assert len([name for name in names if name.endswith("answers.parquet")]) == 4
    for name in (*names, "verdicts.parquet"):
        assert tables.digest(tmp_path / "there" / name) == tables.digest(tmp_path / "here" / name), name


def test_an_arm_that_fails_on_a_node_is_told_and_the_others_go_on(cluster, recipe, tmp_path):
    arms = {"much": Arm(select="random", budget=10**6, seeds=1), "guard": Arm(guard="much", seeds=1), "none": Arm(seeds=1)}
    summary = run(recipe.model_copy(update={"arms": arms, "engine": cluster}), tmp_path)
    assert [bool(arm.failed) for arm in summary.arms] == [True, True, False]
    assert "1,000,000 examples are asked for" in summary.arms[0].failed
    assert "the arm that it guards failed" in summary.arms[1].failed
