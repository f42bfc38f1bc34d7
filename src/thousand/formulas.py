"""Text for spreadsheets, which run what looks like a formula: an apostrophe before it keeps it from that."""

from __future__ import annotations

import re

_RUN = re.compile(r"'*[=+\-@\t\r\n\uff1d\uff0b\uff0d\uff20]")
"""How a cell begins that a spreadsheet runs, full-width signs included, or that has been kept from it."""


def disarm(text: str) -> str:
    """The text as a cell that no spreadsheet runs."""
    return f"'{text}" if _RUN.match(text) else text


def rearm(cell: str) -> str:
    """The text that `disarm` made the cell from."""
    return cell[1:] if cell.startswith("'") and _RUN.match(cell) else cell
