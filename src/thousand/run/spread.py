"""Units on a Ray cluster: each is one task, wherever there is room; every node sees the run directory under the same path."""

from __future__ import annotations

import contextlib
import functools
from collections.abc import Mapping, Sequence
from pathlib import Path

from thousand.engine import Ray
from thousand.errors import ThousandError
from thousand.recipe import Recipe
from thousand.run.arms import one
from thousand.run.deciding import Decided
from thousand.run.directory import Directory
from thousand.run.failure import Failure
from thousand.run.shared import Shared
from thousand.run.stages import Silent, Stages
from thousand.run.units import Unit
from thousand.run.work import Work


def spread(work: Work, wanted: Sequence[Unit], by: Ray) -> dict[Unit, Failure]:
    """Have units done by a cluster, guards after what they guard.

    A task that is lost with its worker is done again elsewhere, and goes on from the stages that it had finished.

    Returns:
        The units that failed. The others are finished: whoever asks for them finds them.

    Raises:
        ThousandError: the cluster failed, or a node cannot write to the run directory.
    """
    failed: dict[Unit, Failure] = {}
    for guards in (False, True):
        task = functools.partial(_one, work.recipe, work.directory, work.stages.shared, Path.cwd(), work.decided, dict(failed))
        wave = [unit for unit in wanted if (work.recipe.arms[unit.arm].guard is not None) is guards]
        for unit, failure in zip(wave, by.run(task, wave), strict=True):
            if failure is None:
                work.stages.listener.note(f"{unit}: done on the cluster")
            else:
                failed[unit] = failure
                work.stages.listener.failed(str(unit), failure.told)
    return failed


def _one(
    recipe: Recipe,
    directory: Directory,
    shared: Shared | None,
    folder: Path,
    decided: Decided | None,
    before: Mapping[Unit, Failure],
    unit: Unit,
) -> Failure | None:
    """In a worker: one unit, of which the run directory keeps everything.

    Args:
        folder: in which the paths of the recipe start.
        decided: at the desk; read once, so that all units stand on the same.
    """
    work = Work(recipe, directory, Stages(Silent(), shared))
    work.decided = decided
    try:
        with contextlib.chdir(folder):
            done = one(work, unit, before)
    except OSError as error:
        what = f"{unit}: {error.strerror or error}{f' ({error.filename})' if error.filename else ''}, on a node of the cluster."
        raise ThousandError(what, "Every node must see the run directory, and have room there.") from None
    return done if isinstance(done, Failure) else None
