"""A model to be asked, however it came to be."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa

from thousand.manifest import Manifest
from thousand.recipe import Answer


@dataclass(frozen=True)
class Selected:
    """A training set: where it stands (schema `tables.SELECTION`), and what its stage says of it."""

    path: Path
    manifest: Manifest


@dataclass(frozen=True)
class Made:
    """What a kind of arm makes of the base for one seed.

    Attributes:
        model: its folder. digest: what it says; answers are keyed by it.
        selection: what it was made from; None for the untouched base.
        alignment: the training's manifest, whose facts are steps, epochs and examples; None where nothing was trained.
        checkpoints: the table of those that were chosen from; None where there was no choice.
        answering: how it is asked where that is not the recipe's way.
        prompts: what it is asked, where that is not the prompts as they are; ids and number are the same.
        seconds: by verb.
    """

    model: Path
    digest: str
    selection: Selected | None = None
    alignment: Manifest | None = None
    checkpoints: Path | None = None
    answering: Answer | None = None
    prompts: pa.Table | None = None
    seconds: tuple[tuple[str, float], ...] = ()
