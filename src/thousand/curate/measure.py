"""Signals: each is measured of every candidate once, and kept; a rule over it may change as often as one likes."""

from __future__ import annotations

import functools
import inspect
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from thousand import engine, manifest, registry, tables
from thousand.conversation import response_of
from thousand.curate.texts import COLUMNS, Measured, Pool, Texts, Values, words
from thousand.engine import HERE, Engine
from thousand.errors import RecipeError
from thousand.recipe import Choice

if TYPE_CHECKING:
    from thousand.model import Model

SIGNALS = "thousand.curate.signals"

Progress = Callable[[str, int], None]
"""Called with the name of what is being computed and the rows done."""

_LIGHT = {"prompts", "tokenizer"}
"""What a signal may need and yet be computed in any process at no cost."""


@dataclass(frozen=True)
class Given:
    """What signals may ask for besides the texts, by the names of these attributes. Plain data: it is sent to other processes.

    Attributes:
        table: the candidates, cleaned. digest: of it.
        folder: of the base model.
        prompts: the held-out prompts.
        cache: a folder for answers that were paid for and must not be asked again.
    """

    table: Path
    digest: str
    folder: Path | None
    prompts: Sequence[str]
    cache: Path

    @property
    def base(self) -> Model:
        """The base model, loaded once in a process."""
        if self.folder is None:
            raise RecipeError("curate: a signal asks the base model, and none is given.", "Give the base, or leave that signal out.")
        return _model(self.folder)

    @property
    def tokenizer(self) -> Any:
        """The base's tokenizer, loaded once in a process."""
        if self.folder is None:
            raise RecipeError("curate: a signal asks the base's tokenizer, and no base is given.", "Give it, or leave that signal out.")
        return _tokenizer(self.folder)

    @property
    def pool(self) -> Pool:
        """What the pool says as a whole, counted once in a process."""
        return _pool(self.table)

    def identity(self, need: str) -> str:
        """A digest of what is needed, for the key of what stands on it."""
        match need:
            case "base" | "tokenizer":
                return tables.digest(self.folder) if self.folder is not None else ""
            case "prompts":
                return manifest.key_of("prompts", {}, list(self.prompts))
            case _:
                return self.digest


def measure(choices: Sequence[Choice], given: Given, out: Path, progress: Progress, by: Engine = HERE) -> dict[str, manifest.Manifest]:
    """Compute signals for every candidate, but for those that are there: those that need only the texts together, in one pass.

    Args:
        out: a folder ``NAME/`` for each signal: a table of ``id``, the value, and ``why`` there is none.
    """
    light = [choice for choice in choices if needs(choice.name) <= _LIGHT]
    heavy = [choice for choice in choices if choice not in light]

    def make(partials: Mapping[str, Path]) -> dict[str, None]:
        wanted = {choice.name: choice for choice in choices if choice.name in partials}
        name = next(iter(wanted)) if len(wanted) == 1 else "signals"
        paid = any("cache" in needs(name) for name in wanted)  # one process watches the cap, and SQLite is not for many hosts
        alone = HERE if paid or (any(choice in heavy for choice in wanted.values()) and isinstance(by, engine.Processes)) else by
        engine.split_parts(given.table, COLUMNS, _Measure(wanted, given), partials, lambda rows: progress(name, rows), alone)
        return dict.fromkeys(partials)

    made: dict[str, manifest.Manifest] = {}
    for group in [light, *([choice] for choice in heavy)]:
        made |= manifest.once_all({choice.name: _stage(choice, given, out) for choice in group}, make)
    return made


def needs(signal: str) -> set[str]:
    """What a signal asks for besides the texts: its positional parameters after the first."""
    parameters = inspect.signature(registry.find(SIGNALS, signal, "curate.signals")).parameters.values()
    return {each.name for each in parameters if each.kind is each.POSITIONAL_OR_KEYWORD} - {"texts"}


def bound(choice: Choice, where: str = "curate.signals") -> Callable[..., Values | Measured]:
    """A signal's function with its options checked and set.

    Raises:
        RecipeError: a signal or an option that does not exist.
    """
    where = f"{where}.{choice.name}"
    return registry.bind(registry.find(SIGNALS, choice.name, where), choice.options, where)


def _stage(choice: Choice, given: Given, out: Path) -> manifest.Stage:
    inputs = {"candidates": given.digest, **{need: given.identity(need) for need in sorted(needs(choice.name))}}
    return manifest.Stage(out / choice.name, f"curate.{choice.name}", inputs, choice.options)


@dataclass(frozen=True)
class _Measure:
    """From a part of the candidates to a part of each signal."""

    choices: Mapping[str, Choice]
    given: Given

    def __call__(self, part: pa.Table, wanted: list[str]) -> Mapping[str, pa.Table]:
        texts = Texts.of(part)
        return {name: self._table(part["id"], name, texts) for name in wanted}

    def _table(self, ids: pa.ChunkedArray, name: str, texts: Texts) -> pa.Table:
        asked = {need: getattr(self.given, need) for need in needs(name)}
        found = bound(self.choices[name])(texts, **asked)
        values = np.asarray(found.values if isinstance(found, Measured) else found, dtype=np.float64)
        missing = np.isnan(values)
        reasons = found.reasons if isinstance(found, Measured) else ["not applicable"] * len(values)
        why = pa.array([reason if gone else None for reason, gone in zip(reasons, missing.tolist(), strict=True)], pa.string())
        return pa.table({"id": ids, name: pa.array(values, mask=missing), "why": why})


@functools.lru_cache(maxsize=1)
def _model(folder: Path) -> Model:
    from thousand.model import load  # not before it is asked for: most workers never do

    return load(folder)


@functools.lru_cache(maxsize=1)
def _tokenizer(folder: Path) -> Any:
    from thousand.model import load_tokenizer

    return load_tokenizer(folder)


@functools.lru_cache(maxsize=1)
def _pool(table: Path) -> Pool:
    frequency: Counter[str] = Counter()
    count = 0
    for part in tables.batches(table, ["messages"]):
        for messages in part["messages"].to_pylist():
            frequency.update(set(words(response_of(messages))))
            count += 1
    return Pool(count, frequency)
