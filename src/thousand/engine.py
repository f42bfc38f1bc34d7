"""Where work on large tables is done: part by part, in this process, in several on this machine, or on a Ray cluster.

A table too large for memory is a folder of parts. Work on it is a function from one part to one part; parts do not know
of each other, so they can be done in any order, anywhere, and those already done need not be done again.
"""

from __future__ import annotations

import functools
import multiprocessing
import os
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol, TypeVar

import pyarrow as pa

from thousand import tables
from thousand.errors import RecipeError, ThousandError

Task = TypeVar("Task")
Result = TypeVar("Result")

RETRIES = 5
"""How often a task whose worker died is given to another before the run fails: one that always dies is at fault itself."""


class Engine(Protocol):
    """Who does the tasks."""

    @property
    def here(self) -> bool:
        """Whether tasks are done in this very process, one after the other."""

    def run(self, function: Callable[[Task], Result], tasks: Sequence[Task]) -> Iterator[Result]:
        """The function's result for every task, in the order of the tasks. Elsewhere than here, both must pickle."""


@dataclass(frozen=True)
class Here:
    """One task after the other, in this process."""

    here: bool = True

    def run(self, function: Callable[[Task], Result], tasks: Sequence[Task]) -> Iterator[Result]:
        """As in `Engine`."""
        return map(function, tasks)


@dataclass(frozen=True)
class Processes:
    """Several processes on this machine."""

    workers: int
    here: bool = False

    def run(self, function: Callable[[Task], Result], tasks: Sequence[Task]) -> Iterator[Result]:
        """As in `Engine`.

        Raises:
            ThousandError: a process died, most often for want of memory.
        """
        if len(tasks) < 2:
            yield from map(function, tasks)
            return
        waiting = deque(_workers(self.workers).submit(function, task) for task in tasks)
        try:
            while waiting:
                yield waiting.popleft().result()
        except BrokenProcessPool:
            _workers.cache_clear()
            raise ThousandError(
                "A worker process died, most often for want of memory.",
                "Give the machine more memory or set engine: here; what was finished is kept, and the same command goes on from there.",
            ) from None
        finally:
            for each in waiting:
                each.cancel()


@dataclass(frozen=True)
class Ray:
    """A Ray cluster. Every node must see the run directory and the sources under the same paths.

    Attributes:
        address: as Ray takes it: ``ray://host:10001``, ``host:6379``, or ``auto`` for the cluster of this machine.
        cpus: that a task is given, and as many threads.
        gpus: that a task is given, where the cluster has any.
    """

    address: str
    here: bool = False
    cpus: int = 1
    gpus: int = 0

    def run(self, function: Callable[[Task], Result], tasks: Sequence[Task]) -> Iterator[Result]:
        """As in `Engine`. A task whose worker or node dies is done again elsewhere, up to `RETRIES` times."""
        ray = self._connected()
        resources = ray.cluster_resources()
        gpus = self.gpus if resources.get("GPU") else 0
        do = ray.remote(max_retries=RETRIES, num_cpus=self.cpus, num_gpus=gpus)(_named(function))
        held = deque[Any]()
        most = 4 * max(1, int(resources.get("CPU", 1)))  # enough in flight to keep all busy, however many there are
        try:
            for task in tasks:
                if len(held) == most:
                    yield ray.get(held.popleft())
                held.append(do.remote(task))
            while held:
                yield ray.get(held.popleft())
        except ray.exceptions.RayTaskError as error:
            raise error.cause if isinstance(error.cause, ThousandError) else error from None
        except ray.exceptions.RayError as error:
            raise ThousandError(f"The Ray cluster failed: {str(error).splitlines()[0]}", "The same command goes on from there.") from error

    def _connected(self) -> Any:
        os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")  # no telemetry
        try:
            import ray
        except ImportError:
            raise RecipeError("engine: Ray is not installed.", "Install it: pip install 'thousand[ray]'.") from None
        if not ray.is_initialized():
            try:
                ray.init(address=self.address, log_to_driver=False, configure_logging=False)
            except (ConnectionError, ValueError, RuntimeError) as error:
                raise ThousandError(
                    f"engine: there is no Ray cluster at {self.address}: {str(error).splitlines()[0]}", "Start one: ray start --head."
                ) from None
        return ray


HERE = Here()


def engine(name: str | None) -> Engine:
    """The engine a recipe names.

    Args:
        name: ``here``; ``local`` or ``local:4`` for so many processes, by default one per core; ``ray`` for the cluster this
            machine is a node of, ``ray:host:6379`` for one it shares a network with, ``ray://host:10001`` for one behind a
            Ray client server. None is ``local``.

    Raises:
        RecipeError: it is none of these.
    """
    kind, _, rest = (name or "local").partition(":")
    if kind == "here" and not rest:
        return HERE
    if kind == "local" and (not rest or (rest.isdecimal() and int(rest))):
        workers = int(rest) if rest else len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
        return Processes(workers) if workers > 1 else HERE
    if kind == "ray":
        return Ray("auto" if not rest else str(name) if rest.startswith("//") else rest)
    raise RecipeError(f"engine: {name!r} is not known.", "There are: here, local, local:4, ray, ray:host:6379, ray://host:10001.")


def parts(table: Path) -> list[Path]:
    """The files of a table, in order."""
    return sorted(table.glob("*.parquet")) if table.is_dir() else [table]


def map_parts(
    source: Path,
    columns: list[str],
    function: Callable[[pa.Table], pa.Table],
    out: Path,
    progress: Callable[[int], None] | None = None,
    by: Engine = HERE,
) -> int:
    """Apply a function to every part of a table and write the results as parts of the same names.

    Args:
        columns: what the function needs of the source.
        function: from a part to a table with one row per row.
        out: folder of the result. Parts that an interrupted attempt left there are kept as they are.
        progress: called with the rows done so far.
        by: who does it.

    Returns:
        The number of rows.
    """
    return split_parts(source, columns, _Single(function), {"": out}, progress, by)


def split_parts(
    source: Path,
    columns: list[str],
    function: Callable[[pa.Table, list[str]], Mapping[str, pa.Table]],
    outs: Mapping[str, Path],
    progress: Callable[[int], None] | None = None,
    by: Engine = HERE,
) -> int:
    """As `map_parts`, for a function that makes several tables of one part, reading it once.

    Args:
        function: given a part and the names of the tables still to be made of it.
        outs: a folder for each table by its name.
    """
    for out in outs.values():
        out.mkdir(parents=True, exist_ok=True)
    rows = 0
    for done in by.run(functools.partial(_split_part, columns=columns, function=function, outs=dict(outs)), parts(source)):
        rows += done
        if progress:
            progress(rows)
    return rows


def _split_part(
    part: Path, *, columns: list[str], function: Callable[[pa.Table, list[str]], Mapping[str, pa.Table]], outs: Mapping[str, Path]
) -> int:
    wanted = [name for name, out in outs.items() if not (out / part.name).exists()]
    if wanted:
        for name, table in function(tables.read(part, columns), wanted).items():
            tables.write(outs[name] / part.name, table)
    return tables.count(part)


@dataclass(frozen=True)
class _Single:
    function: Callable[[pa.Table], pa.Table]

    def __call__(self, part: pa.Table, wanted: list[str]) -> Mapping[str, pa.Table]:
        return {wanted[0]: self.function(part)}


def _named(function: Callable[[Task], Result]) -> Callable[[Task], Result]:
    """Ray wants a function with a name; a partial has none."""

    def task(argument: Task) -> Result:
        return function(argument)

    return task


@functools.lru_cache(maxsize=1)
def _workers(count: int) -> ProcessPoolExecutor:
    """Processes that stay for the next piece of work: to start them takes longer than many a piece."""
    spawned = multiprocessing.get_context("spawn")  # a fork would copy locks that other threads hold
    return ProcessPoolExecutor(count, mp_context=spawned, initializer=_alone)


def _alone() -> None:
    """A worker is one of as many as there are cores: it takes one thread. And it goes when the process goes that it works for."""
    pa.set_cpu_count(1)
    os.environ["OMP_NUM_THREADS"] = "1"
    threading.Thread(target=_leave_after, args=(os.getppid(),), daemon=True).start()


def _leave_after(parent: int) -> None:
    """A process that is killed tells nobody; but its children get another parent."""
    while os.getppid() == parent:
        time.sleep(1)
    os._exit(1)
