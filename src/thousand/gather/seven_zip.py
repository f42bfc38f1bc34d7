"""One file of a 7z archive, read as a stream while it is unpacked: nothing is written to the disk, and little is held."""

from __future__ import annotations

import io
import threading
from pathlib import Path, PurePosixPath
from queue import Empty, Queue
from typing import Any

import py7zr
from py7zr.exceptions import DecompressionBombError, PasswordRequired
from py7zr.io import Py7zIO, WriterFactory

from thousand.gather.packed import Unreadable, most_unpacked

_LARGEST = 1 << 40  # bytes; the posts of Stack Overflow are a tenth of that
_METHODS = frozenset({"COPY", "LZMA", "LZMA2", "BZip2", "BCJ", "DELTA", "ARM", "ARMT", "PPC", "SPARC", "IA64"})
_WAITING = 2  # pieces that are unpacked and not yet read


def open_member(path: Path, name: str) -> io.BufferedReader:
    """The bytes of the file of a name, in whatever folder of the archive; names that lead out of it are not looked at.

    Raises:
        Unreadable: now or while it is read: it is no archive, is broken off or encrypted, is packed in a way that the dumps
            are not, has no such file or several, or unpacks to absurdly much.
    """
    return io.BufferedReader(_Member(path, name), 1 << 20)


def _member(archive: py7zr.SevenZipFile, name: str, most: int) -> str:
    """The one file of a name, if it says that it is of a sane size."""
    if archive.needs_password():
        raise Unreadable("the archive is encrypted: unpack it with its password and give the file that was in it")
    strange = sorted(set(archive.archiveinfo().method_names) - _METHODS)
    if strange:
        raise Unreadable(f"the archive is packed with {', '.join(strange)}, as no dump is: unpack it and give the file that was in it")
    files = [each for each in archive.list() if each.is_file and not each.is_symlink and _stays_within(each.filename)]
    found = [each for each in files if PurePosixPath(each.filename).name.casefold() == name.casefold()]
    if len(found) != 1:
        others = ", ".join(sorted(each.filename for each in files)[:5]) or "no file"
        raise Unreadable(f"the archive has {len(found) or 'no'} {name}, where one is looked for; it has {others}"[:500])
    if found[0].uncompressed > most:
        raise Unreadable(f"the archive unpacks to {found[0].uncompressed:,} bytes, as no dump does; more than {most:,} are not read")
    return found[0].filename


def _stays_within(name: str) -> bool:
    path = PurePosixPath(name.replace("\\", "/"))
    return not path.is_absolute() and ".." not in path.parts and ":" not in path.parts[0]


class _Member(io.RawIOBase):
    """py7zr pushes what it unpacks; a thread does that, a few pieces ahead of who reads."""

    def __init__(self, path: Path, name: str) -> None:
        self._pieces: Queue[bytes | Unreadable | None] = Queue(_WAITING)
        self._held = memoryview(b"")
        self._stopped = threading.Event()
        threading.Thread(target=self._unpack, args=(path, name), daemon=True).start()

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        while not self._held:
            piece = self._pieces.get()
            if piece is None or isinstance(piece, Unreadable):
                self._pieces.put(piece)  # for who asks again
                if piece is None:
                    return 0
                raise piece
            self._held = memoryview(piece)
        size = min(len(buffer), len(self._held))
        buffer[:size], self._held = self._held[:size], self._held[size:]
        return size

    def close(self) -> None:
        self._stopped.set()  # the thread ends with the next piece it has
        try:
            while True:
                self._pieces.get_nowait()
        except Empty:
            super().close()

    def _unpack(self, path: Path, name: str) -> None:
        self._pieces.put(self._fault(path, name))

    def _fault(self, path: Path, name: str) -> Unreadable | None:
        """Unpack all of it, and say what went wrong."""
        most = min(most_unpacked(path.stat().st_size), _LARGEST)
        try:
            with path.open("rb") as stream, py7zr.SevenZipFile(stream, max_extract_size=most) as archive:
                member = _member(archive, name, most)
                archive.extract(targets=[member], factory=_Into(_Pipe(self._pieces, self._stopped)))
        except _Stopped:
            return None
        except Unreadable as error:
            return error
        except PasswordRequired:
            return Unreadable("the archive is encrypted: unpack it with its password and give the file that was in it")
        except DecompressionBombError:
            return Unreadable(f"the archive unpacks to more than {most:,} bytes, as no dump does")
        except Exception as error:  # whatever a foreign parser of hostile bytes stumbles over
            return Unreadable(f"the archive is broken: {type(error).__name__}: {error}"[:500])
        return None


class _Stopped(Exception):
    """Nobody reads any more."""


class _Pipe(Py7zIO):
    """What py7zr writes, put where it is read."""

    def __init__(self, pieces: Queue[Any], stopped: threading.Event) -> None:
        self._pieces, self._stopped, self._size = pieces, stopped, 0

    def write(self, s: bytes | bytearray) -> int:
        if self._stopped.is_set():
            raise _Stopped
        self._pieces.put(bytes(s))
        self._size += len(s)
        return len(s)

    def read(self, size: int | None = None) -> bytes:
        return b""

    def seek(self, offset: int, whence: int = 0) -> int:
        return 0

    def flush(self) -> None:
        pass

    def size(self) -> int:
        return self._size


class _Into(WriterFactory):
    """The pipe for the one file that is unpacked."""

    def __init__(self, pipe: Py7zIO) -> None:
        self._pipe = pipe

    def create(self, filename: str) -> Py7zIO:
        return self._pipe
