"""Classes of rows by a column: a source, a licence, a tag, a band of a signal. Quotas count them and strata are made of them."""

from __future__ import annotations

import difflib
import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from thousand import tables
from thousand.errors import RecipeError
from thousand.recipe import Between, Wanted
from thousand.select.budget import Quota

COLUMNS = ("source", "licence", "author", "group", "tags")
UNKNOWN = "unknown"
"""The class of the rows whose column says nothing."""
_NUMBER = r"(-?\d[\d_]*(?:\.\d+)?(?:e[+-]?\d+)?)"
_BAND = re.compile(rf"{_NUMBER}?\.\.{_NUMBER}?\Z")


@dataclass(frozen=True)
class Classes:
    """The columns of the rows to choose from, and what they say.

    Attributes:
        rows: candidates, with `COLUMNS`.
        ledger: the same rows, with their signals.
    """

    rows: pa.Table
    ledger: pa.Table

    def members(self, column: str, value: str, where: str) -> NDArray[np.bool_]:
        """Which rows are of a class.

        Args:
            column: of the candidates, or a signal.
            value: of the column, "unknown" where it says nothing; of a source its form or file will do; of a signal a band, "100..400",
                "..50" or "0.1..", from the first number up to but not including the second.
            where: the field of the recipe that names it, for the error.

        Raises:
            RecipeError: there is no such column, or no such band.
        """
        if column == "source":
            return np.array([matches(each, value) for each in self.rows["source"].to_pylist()], dtype=np.bool_)
        if column == "tags":
            return np.array([value in (each or (UNKNOWN,)) for each in self.rows["tags"].to_pylist()], dtype=np.bool_)
        if column in COLUMNS:
            return np.array([(each or UNKNOWN) == value for each in self.rows[column].to_pylist()], dtype=np.bool_)
        values = self.signal(column, where)
        band = _BAND.match(value)
        if band is None:
            raise RecipeError(f"{where}.{value}: {column} is a number.", 'Name a band of it: "100..400", "..50" or "0.1..".')
        least, most = (float(end) if end else otherwise for end, otherwise in zip(band.groups(), (-np.inf, np.inf), strict=True))
        if not least < most:
            raise RecipeError(f"{where}.{value}: no value lies between {least:g} and {most:g}.", "Name the lower end first.")
        inside: NDArray[np.bool_] = (values >= least) & ((values < most) | (most == np.inf))
        return inside

    def strata(self, column: str, where: str) -> NDArray[np.str_]:
        """The stratum of each row: its value of a column, of a list the first; "unknown" where it says nothing."""
        if column not in COLUMNS:
            raise RecipeError(f"{where}: {column!r} does not divide the rows.", f"There are: {', '.join(COLUMNS)}.")
        values = self.rows[column].to_pylist()
        return np.array([(each[0] if isinstance(each, list) and each else each) or UNKNOWN for each in values], dtype=np.str_)

    def signal(self, name: str, where: str) -> NDArray[np.float64]:
        """A signal's values, NaN where it was not measured."""
        signals = [each for each in self.ledger.column_names if each not in tables.LEDGER.names]
        if name not in signals:
            near = difflib.get_close_matches(name, [*signals, *COLUMNS], n=1)
            meant = f"Did you mean {near[0]!r}? " if near else ""
            raise RecipeError(
                f"{where}: the ledger has no signal {name!r}.", f"{meant}Add it to curate.signals. It has: {', '.join(signals)}."
            )
        values: NDArray[np.float64] = self.ledger[name].to_numpy(zero_copy_only=False).astype(np.float64)
        return values

    def quotas(self, wanted: Mapping[str, Mapping[str, Wanted]], budget: int | None, where: str) -> list[Quota]:
        """The quotas of an arm.

        Args:
            wanted: for each column and value how many rows: a number, a share of the budget, or the least and the most.
            budget: rows to choose; None where tokens are the bound.

        Raises:
            RecipeError: no such column or band, a share of a budget of tokens, or bounds that cross.
        """
        found = []
        for column, values in wanted.items():
            for value, count in values.items():
                name = f"{where}.{column}.{value}"
                least, most = _bounds(count, budget, name)
                if least > most:
                    raise RecipeError(f"{name}: no number is at least {least:,} and at most {most:,}.", "Raise `most` or lower `least`.")
                found.append(Quota(name, self.members(column, value, f"{where}.{column}"), least, most))
        return found


def matches(source: str, wanted: str) -> bool:
    """Whether a source is the one wanted: "chat:pool.jsonl" by itself, by its form "chat" or by its file "pool.jsonl"."""
    return wanted in (source, *source.split(":", 1))


def at_least(share: float, budget: int) -> int:
    """The fewest rows that are such a share of a budget."""
    return math.ceil(round(share * budget, 9))  # 0.07 * 100 is a little more than 7


def at_most(share: float, budget: int) -> int:
    """The most rows that are no more than such a share of a budget."""
    return math.floor(round(share * budget, 9))


def _bounds(wanted: Wanted, budget: int | None, where: str) -> tuple[int, int]:
    """A share by itself is met within a row: half of five is two or three."""
    between = isinstance(wanted, Between)
    least, most = (wanted.least, wanted.most) if isinstance(wanted, Between) else (wanted, wanted)
    up, down = (at_least, at_most) if between else (at_most, at_least)
    return _rows(least, budget, 0, up, where), _rows(most, budget, np.iinfo(np.int32).max, down, where)


def _rows(count: float | None, budget: int | None, otherwise: int, rounded: Callable[[float, int], int], where: str) -> int:
    if count is None:
        return otherwise
    if isinstance(count, int):
        return count
    if budget is None:
        raise RecipeError(f"{where}: a share needs a budget of rows.", "Give a number of rows instead.")
    return rounded(count, budget)
