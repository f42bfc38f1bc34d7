"""A model to be asked, however it came to be."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from thousand.conversation import Message
from thousand.manifest import Manifest


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
        shown: examples to stand before every prompt it is asked; None for none.
        seconds: by verb.
    """

    model: Path
    digest: str
    selection: Selected | None = None
    alignment: Manifest | None = None
    checkpoints: Path | None = None
    shown: Sequence[Sequence[Message]] | None = None
    seconds: tuple[tuple[str, float], ...] = ()
