"""A model in a folder: where it is found, and how it is asked."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Callable, Sequence
from pathlib import Path

from transformers.utils.hub import cached_file

from thousand.answer.kept import Kept
from thousand.answer.kinds import Ask, Parts, Said, Say
from thousand.errors import DataError


def found(model: str | Path) -> Path:
    """The folder of a model: the one that is given, or where Hugging Face's cache on this machine holds the model of that name.

    Raises:
        DataError: there is neither; nothing is downloaded.
    """
    if Path(model).exists():
        return Path(model)
    if re.fullmatch(r"\w[\w.-]*(/[\w.-]+)?", str(model)):
        with contextlib.suppress(OSError, ValueError):
            if config := cached_file(str(model), "config.json", local_files_only=True):
                return Path(config).parent
    raise DataError(
        f"There is no model at {model}, and none of that name in Hugging Face's cache on this machine.",
        "Give a folder with config.json, weights and tokenizer, or fetch the model first: nothing is downloaded here.",
    )


def asked_here(parts: Parts, kept: Kept | None) -> Say:
    """Asks a model what it has not been asked before, and keeps each part of what it says."""

    def say(asks: Sequence[Ask], progress: Callable[[int], None]) -> list[Said]:
        said = {row: known for row, ask in enumerate(asks) if kept and (known := kept.find(ask))}
        fresh = [row for row in range(len(asks)) if row not in said]
        progress(len(said))
        for part in parts([asks[row] for row in fresh]) if fresh else ():
            if kept:
                kept.add((asks[fresh[i]], each) for i, each in part.items())
            said |= {fresh[i]: each for i, each in part.items()}
            progress(len(said))
        return [said[row] for row in range(len(asks))]

    return say
