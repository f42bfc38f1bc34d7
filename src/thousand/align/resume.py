"""What an interrupted training goes on from: the trainer's state at the end of an epoch, whole or not there at all.

The trainer writes several files, from several processes, and none of them says that the others are whole. So when all are
written a mark is put beside them, and only then the state before goes; what is removed loses its mark first.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path

from thousand import manifest
from thousand.align import processes
from thousand.errors import DataError
from thousand.model import Conversations, Model
from thousand.model.load import sharded
from thousand.recipe import Align

RESUME = "resume"
"""Where in the folder of checkpoints the trainer keeps its state while training lasts."""
_MARK = "whole.json"


def training_key(model: Model, conversations: Conversations, settings: Align, seed: int) -> str:
    """The name of a training: equal exactly when its every step is.

    Args:
        model: prepared, not yet trained; the beginning of every weight is looked at.
    """
    weights = hashlib.sha256()
    for name, each in model.network.state_dict().items():
        weights.update(f"{name} {tuple(each.shape)} {each.flatten()[:256].tolist()}".encode())
    return manifest.key_of(
        "align",
        {"weights": weights.hexdigest()},
        [
            settings.model_dump(mode="json", exclude={"choose", "preset", "dpo"}),
            [[each.tokens, each.labels] for each in conversations.examples],
            seed,
            processes.count(),
            sharded(),
        ],
    )


def last_whole(checkpoints: Path | None, key: str) -> Path | None:
    """The newest state that was written to its end; None where there is none.

    Raises:
        DataError: it is of another training.
    """
    if checkpoints is None:
        return None
    newest = max(_marks(checkpoints), key=_step, default=None)
    if newest is None:
        return None
    # Only the first process has the weights at hand by which a training is known.
    if processes.first() and json.loads(newest.read_text(encoding="utf-8"))["key"] != key:
        raise DataError(
            f"{checkpoints} holds an unfinished training of something else: of another base or other examples, with other settings, "
            "another seed or another number of processes.",
            "Finish it with the command that began it, or remove the folder.",
        )
    return newest.parent


def is_whole(checkpoints: Path, step: int) -> bool:
    """Whether the state after a step was written to its end."""
    return (checkpoints / RESUME / f"checkpoint-{step}" / _MARK).exists()


def mark(checkpoints: Path, step: int, key: str) -> None:
    """Declare the state after a step whole, and remove those before."""
    whole = checkpoints / RESUME / f"checkpoint-{step}" / _MARK
    manifest.write_text(whole, json.dumps({"key": key}))
    for each in (checkpoints / RESUME).glob("checkpoint-*"):
        if each != whole.parent:
            _forget(each)


def finish(checkpoints: Path) -> None:
    """The training is done: nothing is gone on from any more."""
    for each in _marks(checkpoints):
        _forget(each.parent)
    manifest.remove(checkpoints / RESUME)


def _marks(checkpoints: Path) -> Iterator[Path]:
    return (checkpoints / RESUME).glob(f"checkpoint-*/{_MARK}")


def _step(mark: Path) -> int:
    return int(mark.parent.name.rpartition("-")[2])


def _forget(state: Path) -> None:
    (state / _MARK).unlink(missing_ok=True)
    manifest.remove(state)
