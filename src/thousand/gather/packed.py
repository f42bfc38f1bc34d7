"""Packed files, unpacked as they are read: every byte that can be had before they break off, but not more than text can be packed into."""

from __future__ import annotations

import gzip
import io
import zlib
from pathlib import Path
from typing import Any

import pyarrow as pa
import zstandard

UNREADABLE = (OSError, EOFError, zlib.error, pa.ArrowException)
"""What reading an opened file may raise: it is cut off, its compression is broken, the disk fails."""

COMPRESSIONS = (".gz", ".zst")
_TIMES = 250  # what text may unpack to, in times of what is packed; the best packed pools stay below 50, bombs begin at 1,000
_ALWAYS = 1 << 28  # bytes that a file may unpack to, however small it is


class Unreadable(OSError):
    """A file that cannot be read, or not further, and why: to be shown as it stands."""


def most_unpacked(size: int) -> int:
    """The bytes that a packed file of a size may unpack to; one that goes on is a bomb."""
    return max(_ALWAYS, _TIMES * size)


def unpacked(path: Path) -> io.BufferedReader:
    """The bytes of a file, unpacked if its suffix says that it is packed.

    Raises:
        OSError: it cannot be opened.
    """
    match path.suffix.lower():
        case ".gz":
            return io.BufferedReader(_Bounded(_Gzip(path), path.stat().st_size))
        case ".zst":
            return io.BufferedReader(_Bounded(_Zstandard(path), path.stat().st_size))
        case _:
            return path.open("rb")


class _Bounded(io.RawIOBase):
    """What a packed file unpacks to, as long as that is not absurd."""

    def __init__(self, stream: io.RawIOBase, size: int) -> None:
        self._stream = stream
        self._size = size
        self._left = most_unpacked(size)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        read = self._stream.readinto(buffer) or 0
        self._left -= read
        if self._left < 0:
            raise Unreadable(
                f"{self._size:,} bytes unpack to more than {most_unpacked(self._size):,}, as no text does; the rest is left packed"
            )
        return read

    def close(self) -> None:
        self._stream.close()
        super().close()


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


class _Zstandard(io.RawIOBase):
    """A Zstandard file of one or more frames that gives every byte that can be had before it breaks off, and says that it does.

    Windows may be as long as the format allows: the dumps of Pushshift are written with 2 GiB, of which as much is held
    as the frame has content. `zstandard`'s own reader takes a file that is cut off for one that ends.
    """

    _FEED = 1 << 10  # bytes; a block of 4 may hold 128 KiB, so that one feed gives 32 MiB at most
    _WINDOW = 1 << 31  # bytes, the longest there is

    def __init__(self, path: Path) -> None:
        self._file = path.open("rb")
        self._frame = self._next()
        self._begun = False  # whether the frame in hand has had any bytes
        self._rest = b""  # compressed, read and not yet fed
        self._held = memoryview(b"")  # decompressed, not yet given

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        while not self._held:
            fed = self._rest or self._file.read(self._FEED)
            if not fed:
                if self._begun:
                    raise EOFError("its last Zstandard frame is cut off")
                return 0
            try:
                self._held = memoryview(self._frame.decompress(fed))
            except zstandard.ZstdError as error:
                raise OSError(str(error)) from None
            self._begun, self._rest = True, b""
            if self._frame.eof:
                self._rest, self._frame, self._begun = self._frame.unused_data, self._next(), False
        size = min(len(buffer), len(self._held))
        buffer[:size], self._held = self._held[:size], self._held[size:]
        return size

    def close(self) -> None:
        self._file.close()
        super().close()

    def _next(self) -> zstandard.ZstdDecompressionObj:
        return zstandard.ZstdDecompressor(max_window_size=self._WINDOW).decompressobj()
