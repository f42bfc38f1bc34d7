"""What of a run is finished, here or in what runs share: found by going through its stages without doing any."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from thousand.errors import ThousandError
from thousand.gather import fingerprint
from thousand.manifest import Manifest, Stage, done
from thousand.run.asking import answers, known
from thousand.run.kinds import make
from thousand.run.pool import gathered
from thousand.run.shared import Shared
from thousand.run.stages import Silent, Stages
from thousand.run.units import Unit
from thousand.run.work import Work


@dataclass(frozen=True)
class Left:
    """What of a unit remains.

    Attributes:
        stage: the first that is not finished; None where all are, and empty where that cannot be told yet.
    """

    stage: str | None

    @property
    def trains(self) -> bool:
        """Whether its model is still to be trained."""
        return self.stage is not None and self.stage.split(".")[0] in ("", "select", "align")

    @property
    def chooses(self) -> bool:
        """Whether one of its checkpoints is still to be chosen, where that is done."""
        return self.trains or self.stage == "choose"

    @property
    def asks(self) -> bool:
        """Whether it is still to answer the prompts."""
        return self.stage is not None and self.stage != "knowledge"


def left(work: Work, wanted: Sequence[Unit]) -> dict[Unit, Left]:
    """What of some units remains to be done; nothing is written.

    Args:
        work: of the recipe, as a run has it.
    """
    looking = Work(work.recipe, work.directory, _Looking(work.stages.shared))
    unknown = set() if is_curated(work) else {name for name, arm in work.recipe.arms.items() if arm.kind in ("trained", "guard", "shown")}
    return {unit: Left("") if unit.arm in unknown else _left(looking, unit) for unit in wanted}


def is_curated(work: Work) -> bool:
    """Whether the ledger that is there is that of the recipe's pool, curated as the recipe says."""
    directory = work.directory
    if not (directory.ledger.is_file() and directory.curated.is_file()):
        return False
    if gathered(work.recipe, directory, fingerprint(work.recipe.pool)) is None:
        return False
    return directory.curated.read_text(encoding="utf-8") == work.curation_key


def _left(work: Work, unit: Unit) -> Left:
    try:
        made = make(work, unit)
        answers(work, unit, made)
        known(work, made, work.directory.known(unit.arm, unit.seed), str(unit))
    except _Missing as missing:
        return Left(missing.stage)
    except ThousandError:  # it stands on a table that is not there yet
        return Left("")
    return Left(None)


class _Missing(Exception):
    def __init__(self, stage: str) -> None:
        super().__init__(stage)
        self.stage = stage


class _Looking(Stages):
    def __init__(self, shared: Shared | None) -> None:
        super().__init__(Silent(), shared)

    def _do(self, work: Stage, label: str, make: Callable[[Path], Mapping[str, Any] | None], shared: Shared | None) -> Manifest:
        found = done(work.output, work.stage, work.inputs, work.settings) or (shared.has(work) if shared else None)
        if found is None:
            raise _Missing(work.stage)
        return found
