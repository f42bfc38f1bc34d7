"""Finished stages that several runs share, by their keys: what one has trained, another does not train again."""

from __future__ import annotations

import contextlib
import os
import shutil
import time
import uuid
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path

from thousand import tables
from thousand.errors import DataError
from thousand.manifest import Manifest, Stage, adopt, held, remove

_MANIFEST, _STALE = "manifest.json", 24 * 3600.0  # seconds after which what was never finished is cleared away


@dataclass(frozen=True)
class Shared:
    """A folder of finished stages, ``STAGE/NAME/KEY/{NAME, manifest.json}``, NAME being the output's.

    An entry appears by one rename when it is whole, and its content is compared with its digest before it is used. Files are hard
    links to those of the run that made them, or copies where the file system is another; nothing that is finished is written to
    in place. Any number of processes may put and take at once.
    """

    folder: Path

    def has(self, stage: Stage) -> Manifest | None:
        """The manifest of an entry, if there is one; whether it is sound is seen when it is taken."""
        made = Manifest.load(self._entry(stage) / _MANIFEST)
        return made if made is not None and made.key == stage.key else None

    def making(self, stage: Stage, waiting: Callable[[], None]) -> AbstractContextManager[None]:
        """Hold a stage while it is made: whoever wants the same then waits, and takes it."""
        entry = self._entry(stage)
        return held(entry.with_name(f"{entry.name}.lock"), waiting)

    def take(self, stage: Stage, refused: Callable[[str], None]) -> Manifest | None:
        """Link an entry to the stage's place; None where there is none, or none that is sound.

        Args:
            refused: told of an entry whose content is not what its digest says; it is removed.
        """
        entry = self._entry(stage)
        if not entry.is_dir():
            return None
        made, content = self.has(stage), entry / stage.output.name
        if made is None or not _sound(content, made):
            self._discard(entry)
            refused(f"{entry} is not what it was when it was put there: it is made again")
            return None
        stage.output.parent.mkdir(parents=True, exist_ok=True)
        whole = stage.output.with_name(f"{stage.output.name}.taken")
        remove(whole)
        _link(content, whole)
        return adopt(stage, whole, made)

    def give(self, stage: Stage, made: Manifest) -> None:
        """Put a stage that has just been finished there."""
        entry = self._entry(stage)
        if entry.exists():
            return
        partial = entry.with_name(f"{entry.name}.{uuid.uuid4().hex}.partial")
        try:
            partial.mkdir(parents=True)
            _link(stage.output, partial / stage.output.name)
            made.save(partial / _MANIFEST)
            partial.rename(entry)
        except OSError:
            with contextlib.suppress(OSError):
                remove(partial)
            if not entry.is_dir():  # else another was faster
                raise

    def sweep(self) -> None:
        """Clear away what processes that died began to put there, once it is a day old."""
        for partial in self.folder.glob("*/*/*.partial"):
            with contextlib.suppress(FileNotFoundError):  # another sweeps, too
                if time.time() - partial.stat().st_mtime > _STALE:
                    remove(partial)

    def _entry(self, stage: Stage) -> Path:
        return self.folder / stage.stage / stage.output.name / stage.key

    def _discard(self, entry: Path) -> None:
        aside = entry.with_name(f"{entry.name}.{uuid.uuid4().hex}.partial")
        with contextlib.suppress(FileNotFoundError):  # another found it, too
            entry.rename(aside)
            remove(aside)


def _sound(content: Path, made: Manifest) -> bool:
    if any(each.is_symlink() for each in (content, *content.rglob("*"))):  # what it leads to may be anything by tomorrow
        return False
    try:
        return tables.digest(content) == made.digest
    except (DataError, OSError):
        return False


def _link(source: Path, target: Path) -> None:
    """The same files at another place: hard links, or copies where those cannot be."""
    if source.is_dir():
        shutil.copytree(source, target, copy_function=_link_file)
    else:
        _link_file(source, target)


def _link_file(source: str | Path, target: str | Path) -> None:
    try:
        os.link(source, target, follow_symlinks=False)
    except OSError:  # another device, or a file system without links
        shutil.copy2(source, target)
