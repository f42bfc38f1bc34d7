"""Finished runs read again."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pyarrow as pa
from pydantic import ValidationError

from thousand import tables
from thousand.conversation import content_id
from thousand.errors import DataError
from thousand.report import Across, Summary, across
from thousand.run.directory import Directory


def finished(folder: Path) -> Summary:
    """The result of a run.

    Raises:
        DataError: there is none, or it is of another version.
    """
    path = folder / "summary.json"
    if not path.is_file():
        raise DataError(f"There is no finished run in {folder}.", "Run the recipe to its end first: thousand run RECIPE.")
    try:
        return Summary.model_validate_json(path.read_text(encoding="utf-8"))
    except ValidationError as error:
        raise DataError(f"{path} is not a summary of this version: {error.errors()[0]['msg']}.", "Run the recipe again.") from None


def compared(folders: Sequence[Path]) -> Across:
    """Several runs, each under the shortest end of its path that no other has; a study's directory stands for its runs.

    Raises:
        DataError: as `finished`, or a run is named twice.
    """
    every = [run for folder in folders for run in (_of_study(folder) or [folder])]
    real = [folder.resolve() for folder in every]
    twice = next((folder for at, folder in enumerate(every) if real[at] in real[:at]), None)
    if twice is not None:
        raise DataError(f"{twice} is named twice.", "Name each run once.")
    names = _names(real)
    runs = {name: finished(folder) for name, folder in zip(names, every, strict=True)}
    verdicts = {name: _judged(folder) for name, folder in zip(names, every, strict=True) if Directory(folder).verdicts.is_file()}
    return across(runs, verdicts)


def _judged(folder: Path) -> pa.Table:
    """A run's verdicts, each prompt under its name and what it asks: a name alone may be another prompt's in another run."""
    verdicts, path = tables.read(Directory(folder).verdicts), Directory(folder).prompts
    if not path.is_file():
        return verdicts
    prompts = tables.read(path, ["prompt_id", "messages"])
    asked = {name: content_id(said) for name, said in zip(*(prompts[each].to_pylist() for each in prompts.column_names), strict=True)}
    names = pa.array([f"{name} {asked.get(name, '')}" for name in verdicts["prompt_id"].to_pylist()], pa.string())
    return verdicts.set_column(verdicts.column_names.index("prompt_id"), verdicts.schema.field("prompt_id"), names)


def _of_study(folder: Path) -> list[Path]:
    """The runs of a study on several bases; empty for anything else."""
    path = folder / "across.json"
    if not path.is_file() or (folder / "summary.json").is_file():
        return []
    try:
        return [folder / name for name in Across.model_validate_json(path.read_text(encoding="utf-8")).runs]
    except ValidationError as error:
        raise DataError(f"{path} is not of this version: {error.errors()[0]['msg']}.", "Run the recipe again.") from None


def _names(folders: Sequence[Path]) -> list[str]:
    for depth in range(1, max(len(folder.parts) for folder in folders) + 1):
        names = ["/".join(folder.parts[-depth:]) for folder in folders]
        if len(set(names)) == len(names):
            break
    return names
