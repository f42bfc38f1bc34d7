"""The bytes of a dump on their way to the XML parser, which would wait for the end of an attribute however far away that is."""

from __future__ import annotations

import io

from thousand.gather.packed import Unreadable
from thousand.gather.rows import LONGEST_ROW

_CHUNK = 1 << 15  # bytes
_LONGEST = 2 * LONGEST_ROW  # bytes; the longest post is a thousandth of that


class Markup(io.BufferedReader):
    """A stream that gives what there is before it says what is wrong; `io.BufferedReader.read` loses what it had in hand."""

    _first = True
    _since = 0  # bytes since the last "<", which stands in no attribute and in no text

    def read(self, size: int | None = -1) -> bytes:
        """Some bytes, at most so many; none at the end.

        Raises:
            Unreadable: it is UTF-16 or UTF-32, or what stands between two tags, or within one, is absurdly long.
        """
        piece = self.read1(size if size and size > 0 else _CHUNK)
        if self._first and b"\0" in piece[:4]:
            raise Unreadable("it is UTF-16 or UTF-32: save it as UTF-8")
        self._first = False
        tag = piece.rfind(b"<")
        self._since = self._since + len(piece) if tag < 0 else len(piece) - tag
        if self._since > _LONGEST:
            raise Unreadable(f"a tag or a text is longer than {_LONGEST:,} bytes")
        return piece
