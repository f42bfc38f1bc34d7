"""What can go wrong and be mended by the person at the keyboard. Everything else is a fault of ours and shows its traceback."""

from __future__ import annotations


class ThousandError(Exception):
    """A failure with a remedy: what was wrong, where, and what to do.

    Attributes:
        remedy: what the user can do about it, a sentence; may be empty.
    """

    def __init__(self, what: str, remedy: str = "") -> None:
        super().__init__(what)
        self.remedy = remedy

    def __str__(self) -> str:
        what = super().__str__()
        return f"{what}\n  {self.remedy}" if self.remedy else what


class RecipeError(ThousandError):
    """The recipe cannot be run as written. The command line exits with 2."""


class DataError(ThousandError):
    """Data that was given cannot be used: missing, empty, unreadable, or too small for what is asked of it."""
