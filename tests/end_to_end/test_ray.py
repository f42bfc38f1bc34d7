"""A Ray cluster of two nodes on this machine: the same recipe gives the same tables, also when a worker is killed at work."""

import os
import signal
import subprocess
import threading
import time
from pathlib import Path

import pytest

from tests.end_to_end.small import write
from thousand import tables
from thousand.recipe import load
from thousand.run import prepare

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


def test_a_worker_that_is_killed_changes_nothing(cluster, recipe, expected, tmp_path):
    killed: list[int] = []

    def kill() -> None:
        """Kill the first worker that is seen at a task of ours."""
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
        prepare(recipe.model_copy(update={"engine": cluster}), tmp_path)
    finally:
        stop.set()
        killer.join()
    assert killed, "no worker was ever seen at work: nothing was tested"
    assert contents(tmp_path) == expected
