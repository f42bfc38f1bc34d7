"""The arms of a run: their units are worked off one after the other, and one that fails does not stop the others."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from thousand.errors import DataError
from thousand.manifest import Manifest
from thousand.run.asking import answers, known
from thousand.run.failure import Failure, forget
from thousand.run.kinds import make
from thousand.run.made import Made, Selected
from thousand.run.units import Unit, units
from thousand.run.work import Work


@dataclass(frozen=True)
class Done:
    """A unit as it was done."""

    unit: Unit
    made: Made
    answered: Manifest
    asked: Manifest | None


@dataclass
class Trained:
    """An arm as it was done.

    Attributes:
        selections: its training sets, draw by draw. alignments: the manifests of its trainings.
        models, answers, knowledge, checkpoints: paths by seed.
        seconds: of wall time by verb, all seeds together, whenever they were done.
        failed: why some of its seeds have no model. An arm is judged with all its seeds or not at all: seeds that happened to
            succeed are not a fair sample of them.
    """

    selections: list[Selected] = field(default_factory=list)
    alignments: list[Manifest] = field(default_factory=list)
    models: dict[int, Path] = field(default_factory=dict)
    answers: dict[int, Path] = field(default_factory=dict)
    knowledge: dict[int, Path] = field(default_factory=dict)
    checkpoints: dict[int, Path] = field(default_factory=dict)
    seconds: dict[str, float] = field(default_factory=dict)
    failed: str | None = None

    def add(self, work: Work, done: Done) -> None:
        """Add a seed."""
        unit, made = done.unit, done.made
        if made.selection is not None and made.selection.path not in [each.path for each in self.selections]:
            self.selections.append(made.selection)
            if work.recipe.arms[unit.arm].kind == "trained":  # others stand on the claim's, which it has paid for
                self._spent("select", made.selection.manifest.seconds)
        if made.alignment is not None:
            self.alignments.append(made.alignment)
        if made.checkpoints is not None:
            self.checkpoints[unit.seed] = made.checkpoints
        self.models[unit.seed] = made.model
        self.answers[unit.seed] = work.directory.answers(unit.arm, unit.seed)
        if done.asked is not None:
            self.knowledge[unit.seed] = work.directory.known(unit.arm, unit.seed)
        asked = [("knowledge", done.asked.seconds)] if done.asked else []
        for verb, seconds in (*made.seconds, ("answer", done.answered.seconds), *asked):
            self._spent(verb, seconds)

    def _spent(self, verb: str, seconds: float) -> None:
        self.seconds[verb] = self.seconds.get(verb, 0.0) + seconds


def work_off(work: Work, wanted: Sequence[Unit], failed: Mapping[Unit, Failure] | None = None) -> dict[Unit, Done | Failure]:
    """Every unit done, or why it could not be.

    Args:
        failed: units that have been tried already.

    Raises:
        OSError: the disk is full or cannot be written to: the other units would fail, too.
    """
    found: dict[Unit, Done | Failure] = {}
    for unit in wanted:
        found[unit] = failed[unit] if failed and unit in failed else one(work, unit, found)
    return found


def one(work: Work, unit: Unit, before: Mapping[Unit, Done | Failure]) -> Done | Failure:
    """One unit, after those that it stands on."""
    folder = work.directory.seed(unit.arm, unit.seed)
    guarded = work.recipe.arms[unit.arm].guard
    broken = before.get(Unit(guarded, 0)) if guarded else None
    try:
        if isinstance(broken, Failure):
            raise DataError(f"the arm that it guards failed: {broken}", broken.remedy)
        made = make(work, unit)
        answered = answers(work, unit, made)
        asked = known(work, made, work.directory.known(unit.arm, unit.seed), str(unit))
    except OSError:
        raise
    except Exception as error:
        failure = Failure.of(error, unit.arm, unit.seed)
        failure.save(folder)
        work.stages.listener.failed(str(unit), failure.told)
        return failure
    forget(folder)
    return Done(unit, made, answered, asked)


def by_arm(work: Work, found: Mapping[Unit, Done | Failure]) -> dict[str, Trained]:
    """The units of each arm together, in the recipe's order."""
    arms = {name: Trained() for name in work.recipe.arms}
    for unit in units(work.recipe):
        each = found[unit]
        if isinstance(each, Done):
            arms[unit.arm].add(work, each)
        elif arms[unit.arm].failed is None:
            arms[unit.arm].failed = f"seed {unit.seed}: {each.what}"
    return arms
