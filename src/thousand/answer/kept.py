"""What a model has said so far, in a file beside the table it is to become, so that an interrupted attempt is gone on from."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

import torch

from thousand.answer.kinds import Ask, Said
from thousand.model import Model
from thousand.recipe import Answer

FILE = "answered.jsonl"


class Kept:
    """Answers by what decides them: the model's files, the settings, what was asked, and the seed.

    A line is written for each answer as soon as its batch is done. A kill leaves at most half a line, which is dropped. Errors
    are not kept: another attempt may do better.
    """

    def __init__(self, folder: Path, model: Path | Model, settings: Answer) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._path = folder / FILE
        decides = settings.model_dump(mode="json", exclude={"samples", "batch"})
        self._made_by = [_fingerprint(model), decides]
        self._said = dict(_read(self._path))

    def find(self, ask: Ask) -> Said | None:
        """The answer to a question."""
        return self._said.get(self._key(ask))

    def add(self, answers: Iterable[tuple[Ask, Said]]) -> None:
        """Keep answers."""
        lines = [json.dumps([self._key(ask), asdict(said)]) + "\n" for ask, said in answers if said.stop != "error"]
        with self._path.open("a", encoding="utf-8") as stream:
            stream.writelines(lines)

    def _key(self, ask: Ask) -> str:
        asked = [[each["role"], each["content"]] for each in ask.messages]
        shown = [asdict(ask.shown)] if ask.shown else []
        record = json.dumps([self._made_by, asked, ask.seed, *shown], sort_keys=True)
        return hashlib.sha256(record.encode()).hexdigest()


def clear(folder: Path) -> None:
    """Remove what was kept for an attempt, once its table is written. What a server was asked stays: it may have been paid."""
    (folder / FILE).unlink(missing_ok=True)
    if folder.is_dir() and not any(folder.iterdir()):
        folder.rmdir()


def _read(path: Path) -> Iterator[tuple[str, Said]]:
    if not path.exists():
        return
    raw = path.read_bytes()
    whole = raw[: raw.rfind(b"\n") + 1]
    if len(whole) < len(raw):
        os.truncate(path, len(whole))
    for line in whole.splitlines():
        with contextlib.suppress(ValueError, TypeError):  # not a line of ours: that answer is asked for again
            key, said = json.loads(line)
            yield key, Said(**said)


def _fingerprint(model: Path | Model) -> list[Any]:
    """What tells a model from another at no cost: of a folder its files' names, sizes and times; of a loaded one sums of its weights."""
    if isinstance(model, Model):
        return [float(each.detach().sum(dtype=torch.float64)) for each in model.network.parameters()]
    files = sorted(each for each in model.glob("*") if each.is_file())
    return [(each.name, (found := each.stat()).st_size, found.st_mtime_ns) for each in files]
