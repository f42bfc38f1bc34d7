"""What may still be taken: k rows or so many tokens, within quotas that are promised to hold when the budget is spent.

A quota counts the members of a class among the picks: at least so many, at most so many. Classes may overlap (a source, a
language, a band of lengths), so rows fall into cells, one for each set of classes that a row is a member of. Whether a cell can
still give a row without breaking a promise is a small integer programme over the cells. One feasible completion is kept. When a
strategy takes from a cell that the completion has no use for, one row of the completion is exchanged if that keeps every promise,
and only if no exchange does is it solved again. A cell that is once closed stays closed, since what completes a larger set completes
the smaller one, too.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from thousand.errors import DataError, RecipeError

Rows = NDArray[np.int64]


@dataclass(frozen=True)
class Quota:
    """How many picks must be of a class.

    Attributes:
        name: of the class, for errors: "quota.source.stackexchange".
        members: (n,) which rows are of it.
        least, most: bounds, both included.
    """

    name: str
    members: NDArray[np.bool_]
    least: int
    most: int


class Budget:
    """Rows are taken one by one until nothing may be taken any more.

    Args:
        count: n, the rows to choose from.
        rows: k, how many to take; None where tokens are the bound.
        costs: (n,) tokens of each row, with ``tokens``.
        tokens: the most that the picks may cost together.
        quotas: what must hold of the picks in the end.
        first: rows that are taken before any other.

    Attributes:
        open: (n,) rows that may still be taken, as far as is known; `take` has the last word.
        taken: the rows taken, in their order.

    Raises:
        DataError: there are fewer rows than that, or no choice meets the quotas; says which and by how much.
        RecipeError: neither rows nor tokens are given, or tokens with quotas of a least number.
    """

    def __init__(
        self,
        count: int,
        rows: int | None,
        *,
        costs: NDArray[np.int64] | None = None,
        tokens: int | None = None,
        quotas: Sequence[Quota] = (),
        first: Iterable[int] = (),
    ) -> None:
        if rows is None and tokens is None:
            raise RecipeError("budget: neither rows nor tokens are given.", "Say how many rows, or how many tokens.")
        if tokens is not None and any(quota.least for quota in quotas):
            raise RecipeError("quota: a budget of tokens cannot promise a least number of rows.", "Give a budget of rows, or only `most`.")
        first = list(first)
        if rows is not None and rows > count:
            raise DataError(f"{rows:,} rows are asked for and there are {count:,}.", "Lower the budget or gather more.")
        if rows is not None and len(first) > rows:
            raise DataError(f"{len(first):,} rows must be included and the budget is {rows:,}.", "Raise the budget or include fewer.")
        self.count, self.rows = count, rows
        self.costs, self.tokens_left = costs, tokens
        self.open = np.ones(count, dtype=np.bool_) if costs is None or tokens is None else costs <= tokens
        self.taken: list[int] = []
        self._quotas = quotas
        if quotas:
            self._divide(first)
        for row in first:
            if not self.take(row):
                raise DataError(f"Row {row} must be included and the budget has no room for it.", "Raise the budget or include fewer.")

    @classmethod
    def of(cls, budget: int | Budget, count: int) -> Budget:
        """A number of rows as a budget; more than there are is all of them."""
        return budget if isinstance(budget, Budget) else cls(count, min(budget, count))

    @property
    def left(self) -> int:
        """The most rows that may still be taken."""
        return self.count - len(self.taken) if self.rows is None else self.rows - len(self.taken)

    @property
    def _fewest(self) -> int:
        """The fewest rows that must still be taken."""
        return 0 if self.rows is None else self.left

    @property
    def full(self) -> bool:
        """Whether nothing more may be taken."""
        return self.left == 0 or not self.open.any()

    def take(self, row: int) -> bool:
        """Take a row, if that keeps every promise; a row that may not be taken is closed with all that are like it."""
        if not self.open[row] or self.left == 0:
            return False
        if self._quotas and not self._completes(self._cell[row]):
            self.open[self._cell == self._cell[row]] = False
            return False
        self.open[row] = False
        self.taken.append(int(row))
        if self.costs is not None and self.tokens_left is not None:
            self.tokens_left -= int(self.costs[row])
            self.open &= self.costs <= self.tokens_left
        return True

    def walk(self, order: Iterable[int]) -> None:
        """Take along an order until the budget is spent."""
        for row in order:
            if self.full:
                return
            self.take(int(row))

    def _divide(self, first: Sequence[int]) -> None:
        """The cells, and a completion to start from."""
        members = np.stack([quota.members for quota in self._quotas], axis=1)
        packed = np.packbits(members, axis=1)
        _, at, self._cell, self._free = np.unique(packed, axis=0, return_index=True, return_inverse=True, return_counts=True)
        self._cell = self._cell.reshape(-1)
        self._of = members[at].T.astype(np.float64)  # (quotas, cells)
        self._had = np.zeros(len(self._quotas))
        forced = np.bincount(self._cell[list(first)], minlength=len(at))
        completion = self._solve(forced)
        if completion is None:
            raise DataError(f"The quotas cannot be met: {self._shortfall(forced)}.", "Lower them, widen the rules, or gather more.")
        self._completion = completion

    def _completes(self, cell: int) -> bool:
        if self._completion[cell] == 0 and not self._exchange(cell):
            wanted = np.zeros(len(self._free))
            wanted[cell] = 1
            completion = self._solve(wanted)
            if completion is None:
                return False
            self._completion = completion
        self._completion[cell] -= 1
        self._free[cell] -= 1
        self._had += self._of[:, cell]
        return True

    def _exchange(self, cell: int) -> bool:
        """Make room in the completion for a row of a cell: by itself where tokens are the bound, or else in place of another row."""
        if self._free[cell] == 0:
            return False
        least, most = self._bounds()
        with_it = (self._of @ self._completion + self._of[:, cell])[:, None]
        if self.rows is not None:
            with_it = with_it - self._of  # (quotas, cells): one row of each other cell fewer
        fits = np.logical_and.reduce((with_it >= least[:, None]) & (with_it <= most[:, None]), axis=0)
        if self.rows is not None:
            given = int(np.argmax(np.where(fits, self._completion, 0)))
            if not fits[given] or self._completion[given] == 0:
                return False
            self._completion[given] -= 1
        elif not fits[0]:
            return False
        self._completion[cell] += 1
        return True

    def _bounds(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """What each quota still asks for and still allows."""
        least, most = (np.array([getattr(quota, end) for quota in self._quotas], dtype=np.float64) for end in ("least", "most"))
        return least - self._had, most - self._had

    def _solve(self, wanted: NDArray[np.float64] | NDArray[np.int64]) -> NDArray[np.int64] | None:
        """How many rows of each cell complete the choice, at least ``wanted`` of each; None if nothing does."""
        from scipy.optimize import Bounds, LinearConstraint, milp

        if (wanted > self._free).any():
            return None
        least, most = self._bounds()
        found = milp(
            np.zeros(len(self._free)),
            integrality=np.ones(len(self._free), dtype=np.int64),
            bounds=Bounds(wanted, self._free),
            constraints=[
                LinearConstraint(self._of, least, most),
                LinearConstraint(np.ones((1, len(self._free))), self._fewest, self.left),
            ],
        )
        return None if found.x is None else np.rint(found.x).astype(np.int64)

    def _shortfall(self, wanted: NDArray[np.int64]) -> str:
        """Which quotas break, and by how much, where they break least in all."""
        from scipy.optimize import Bounds, LinearConstraint, milp

        cells, quotas = len(self._free), len(self._quotas)
        least, most = self._bounds()
        slack = np.eye(quotas)
        matrix = np.hstack([self._of, slack, -slack])
        found = milp(
            np.concatenate([np.zeros(cells), np.ones(2 * quotas)]),
            integrality=np.ones(cells + 2 * quotas, dtype=np.int64),
            bounds=Bounds(
                np.concatenate([wanted, np.zeros(2 * quotas)]),
                np.concatenate([np.maximum(self._free, wanted), np.full(2 * quotas, np.inf)]),
            ),
            constraints=[
                LinearConstraint(matrix, least, most),
                LinearConstraint(np.concatenate([np.ones(cells), np.zeros(2 * quotas)])[None], self._fewest, self.left),
            ],
        )
        if found.x is None:
            return "no choice has so many rows"
        missing, beyond = np.rint(found.x[cells : cells + quotas]), np.rint(found.x[cells + quotas :])
        told = [
            f"{quota.name} asks for at least {quota.least:,} and {int(quota.least - short):,} can be had ({int(short):,} short)"
            for quota, short in zip(self._quotas, missing, strict=True)
            if short
        ]
        told += [
            f"{quota.name} allows {quota.most:,} and {int(quota.most + more):,} would be needed ({int(more):,} too many)"
            for quota, more in zip(self._quotas, beyond, strict=True)
            if more
        ]
        return "; ".join(told)
