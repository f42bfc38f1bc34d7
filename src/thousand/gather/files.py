"""The files a recipe names: found, given names that do not depend on where the recipe is run, and opened whatever their compression."""

from __future__ import annotations

import glob
import io
import os
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from thousand.errors import DataError
from thousand.gather import hub
from thousand.gather.packed import COMPRESSIONS, UNREADABLE, Unreadable, most_unpacked, unpacked

__all__ = ["UNREADABLE", "SourceFile", "Unreadable", "expand", "matches", "most_unpacked"]

_DESCRIPTIONS = ("dataset_info.json", "dataset_infos.json", "dataset_dict.json", "state.json")  # of data sets, beside their rows
_SCRATCH = ("cache-", "tmp")  # what `datasets` leaves in a saved folder when it computes with it
_POINTER = b"version https://git-lfs"
_ARCHIVES = {".7z": "7z x", ".zip": "unzip", ".tar": "tar xf", ".tgz": "tar xf", ".bz2": "bunzip2", ".xz": "unxz"}


@dataclass(frozen=True)
class SourceFile:
    """One file of a source.

    Attributes:
        name: the path from the common parent of the source's files, with forward slashes.
        kind: the last suffix but for the compression, in small letters: ".jsonl"; of a bare ".zst" ".ndjson".
    """

    path: Path
    name: str

    @property
    def kind(self) -> str:
        """What it holds."""
        return _kind(self.path)

    @property
    def size(self) -> int:
        """Bytes on the disk."""
        return self.path.stat().st_size

    def open(self) -> io.BufferedReader:
        """Its bytes, decompressed as they are read.

        Raises:
            DataError: it cannot be opened.
        """
        try:
            return unpacked(self.path)
        except OSError as error:
            raise DataError(f"{self.path} cannot be opened: {error.strerror or error}.", "Check the path and who may read it.") from None


def expand(given: str | Sequence[str], kinds: Sequence[str], *, folders: bool = False) -> list[SourceFile]:
    """The files that paths and patterns name, each once, in the order given; those of one pattern or folder sorted.

    Args:
        kinds: the kinds of file the form reads, such as ".jsonl"; each may also end in ".gz" or ".zst".
        folders: whether a folder, or ``hf:NAME``, stands for all files of these kinds below it.

    Raises:
        DataError: a file or a match is missing, is a folder, is of another kind, or may not be read.
    """
    paths: dict[Path, Path] = {}
    for pattern in [given] if isinstance(given, str) else given:
        whole = _folder(pattern)
        if whole is not None and not folders:
            raise DataError(f"{whole} is a folder.", f"Name its files with a pattern: {whole}/*{kinds[0]}")
        found = matches(pattern)
        if whole is not None:
            found = [path for path in found if _kind(path) in kinds and path.name not in _DESCRIPTIONS]
            if not found:
                raise DataError(f"{whole} is a folder without files of a kind this source reads.", f"It reads {', '.join(kinds)}.")
        for path in found:
            _check(path, kinds)
            paths.setdefault(Path(os.path.abspath(path)), path)  # noqa: PTH100 - a symbolic link keeps the name its user gave it
    if not paths:
        raise DataError("No path is given.", "Give a file, a pattern such as pool/*.jsonl, or a list of them.")
    parent = os.path.commonpath([path.parent for path in paths])
    return [SourceFile(path, _printable(whole.relative_to(parent).as_posix())) for whole, path in paths.items()]


def matches(pattern: str) -> list[Path]:
    """The files a path, a pattern, a folder or a cached data set (``hf:NAME``) names, sorted.

    A folder stands for every file below it that is not hidden. Neither a folder nor ``**`` goes through links to
    folders: one may lead back to where it stands.

    Raises:
        DataError: there is none.
    """
    whole = _folder(pattern)
    if whole is not None:
        return _below(whole)
    path = Path(pattern).expanduser()
    if path.exists():
        return [path]
    if not glob.has_magic(pattern):
        raise DataError(f"There is no file at {pattern}.", f"Check the path; it is looked for from {Path.cwd()}.")
    files = sorted(each for each in _matching(path) if each.is_file())
    if not files:
        raise DataError(f"No file matches {pattern}.", f"Check the pattern; it is looked for from {Path.cwd()}.")
    return files


def _folder(pattern: str) -> Path | None:
    """The folder that is named, by its path or as a data set in the cache."""
    if pattern.startswith(hub.PREFIX):
        return hub.cached(pattern.removeprefix(hub.PREFIX))
    path = Path(pattern).expanduser()
    return path if path.is_dir() else None


def _below(folder: Path) -> list[Path]:
    found = []
    for here, folders, files in os.walk(folder):
        folders[:] = sorted(each for each in folders if not each.startswith("."))
        found += [Path(here, each) for each in sorted(files) if not each.startswith((".", *_SCRATCH))]
    if not found:
        raise DataError(f"{folder} is a folder without files.", "Name the folder of the files.")
    return found


def _matching(pattern: Path) -> Iterator[Path]:
    """What a pattern matches. A star does not stand for a name that begins with a dot."""
    plain = next(at for at, step in enumerate(pattern.parts) if glob.has_magic(step))
    base, steps = Path(*pattern.parts[:plain]), pattern.parts[plain:]
    steps = tuple(step if step == "**" else re.sub(r"\*{2,}", "*", step) for step in steps)
    dotted = any(step.startswith(".") for step in steps)
    for found in base.glob("/".join(steps + ("*",) * (steps[-1] == "**"))):
        if dotted or not any(step.startswith(".") for step in found.parts[plain:]):
            yield found


def _check(path: Path, kinds: Sequence[str]) -> None:
    suffix = path.suffix.lower()
    if suffix in _ARCHIVES and suffix not in kinds:
        raise DataError(f"{path} is an archive.", f"Unpack it first ({_ARCHIVES[suffix]} {path.name}) and give what was in it.")
    if _kind(path) not in kinds:
        raise DataError(
            f"{path} is not a kind of file this source reads.", f"It reads {', '.join(kinds)}, each also with {' or '.join(COMPRESSIONS)}."
        )
    if not path.is_file():
        raise DataError(f"{path} is not a file that stays: a pipe, a device or a broken link.", "Write it to a file first.")
    if not os.access(path, os.R_OK):
        raise DataError(f"{path} may not be read.", "Check who may read it.")
    if path.stat().st_size < 1024 and path.read_bytes().startswith(_POINTER):
        raise DataError(f"{path} stands for a file that Git LFS has not fetched.", "Fetch it: git lfs pull.")


def _kind(path: Path) -> str:
    name = Path(path.name.lower())
    if name.suffix not in COMPRESSIONS:
        return name.suffix
    return Path(name.stem).suffix or (".ndjson" if name.suffix == ".zst" else "")  # RC_2019-04.zst, as Pushshift names them


def _printable(name: str) -> str:
    return os.fsencode(name).decode("utf-8", "backslashreplace")
