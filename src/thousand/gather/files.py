"""The files a recipe names: found, given names that do not depend on where the recipe is run, and opened whatever their compression."""

from __future__ import annotations

import glob
import gzip
import io
import os
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa

from thousand.errors import DataError

UNREADABLE = (OSError, EOFError, zlib.error, pa.ArrowException)
"""What reading an opened file may raise: it is cut off, its compression is broken, the disk fails."""

_COMPRESSIONS = (".gz", ".zst")
_ARCHIVES = {".7z": "7z x", ".zip": "unzip", ".tar": "tar xf", ".tgz": "tar xf", ".bz2": "bunzip2", ".xz": "unxz"}


@dataclass(frozen=True)
class SourceFile:
    """One file of a source.

    Attributes:
        name: the path from the common parent of the source's files, with forward slashes.
        kind: the last suffix but for the compression, in small letters: ".jsonl".
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
            match self.path.suffix.lower():
                case ".gz":
                    return io.BufferedReader(_Gzip(self.path))
                case ".zst":
                    stream: Any = pa.CompressedInputStream(pa.OSFile(str(self.path)), "zstd")
                    return io.BufferedReader(stream)
                case _:
                    return self.path.open("rb")
        except OSError as error:
            raise DataError(f"{self.path} cannot be opened: {error.strerror or error}.", "Check the path and who may read it.") from None


class _Gzip(io.RawIOBase):
    """A gzip file that gives every byte that can be had before it breaks off: `gzip.GzipFile` forgets what it had in hand."""

    def __init__(self, path: Path) -> None:
        self._file = gzip.GzipFile(path)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        data = self._file.read1(len(buffer))
        buffer[: len(data)] = data
        return len(data)

    def close(self) -> None:
        self._file.close()
        super().close()


def expand(given: str | Sequence[str], kinds: Sequence[str]) -> list[SourceFile]:
    """The files that paths and patterns name, each once, in the order given; those of one pattern sorted.

    Args:
        kinds: the kinds of file the form reads, such as ".jsonl"; each may also end in ".gz" or ".zst".

    Raises:
        DataError: a file or a match is missing, is a folder, is of another kind, or may not be read.
    """
    paths: dict[Path, Path] = {}
    for pattern in [given] if isinstance(given, str) else given:
        for found in matches(pattern):
            _check(found, kinds)
            whole = Path(os.path.abspath(found))  # noqa: PTH100 - a symbolic link keeps the name its user gave it
            paths.setdefault(whole, found)
    if not paths:
        raise DataError("No path is given.", "Give a file, a pattern such as pool/*.jsonl, or a list of them.")
    parent = os.path.commonpath([whole.parent for whole in paths])
    return [SourceFile(path, _printable(whole.relative_to(parent).as_posix())) for whole, path in paths.items()]


def matches(pattern: str) -> list[Path]:
    """The files a path or a pattern names, sorted.

    Raises:
        DataError: there is none.
    """
    path = Path(pattern).expanduser()
    if path.exists():
        return [path]
    if not glob.has_magic(pattern):
        raise DataError(f"There is no file at {pattern}.", f"Check the path; it is looked for from {Path.cwd()}.")
    found = sorted(glob.glob(str(path), recursive=True))  # noqa: PTH207 - Path.glob takes no absolute pattern
    files = [Path(each) for each in found if not Path(each).is_dir()]
    if not files:
        raise DataError(f"No file matches {pattern}.", f"Check the pattern; it is looked for from {Path.cwd()}.")
    return files


def _check(path: Path, kinds: Sequence[str]) -> None:
    if path.is_dir():
        raise DataError(f"{path} is a folder.", f"Name its files with a pattern: {path}/*{kinds[0]}")
    if path.suffix.lower() in _ARCHIVES:
        raise DataError(
            f"{path} is an archive.", f"Unpack it first ({_ARCHIVES[path.suffix.lower()]} {path.name}) and give what was in it."
        )
    if _kind(path) not in kinds:
        raise DataError(
            f"{path} is not a kind of file this source reads.", f"It reads {', '.join(kinds)}, each also with {' or '.join(_COMPRESSIONS)}."
        )
    if not os.access(path, os.R_OK):
        raise DataError(f"{path} may not be read.", "Check who may read it.")


def _kind(path: Path) -> str:
    name = Path(path.name.lower())
    return Path(name.stem).suffix if name.suffix in _COMPRESSIONS else name.suffix


def _printable(name: str) -> str:
    return os.fsencode(name).decode("utf-8", "backslashreplace")
