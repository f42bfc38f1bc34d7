"""How answers stop: what goes wrong first when a model was not taught to."""

from __future__ import annotations

from dataclasses import dataclass

import pyarrow as pa

_ROUNDS, _WORDS = 3, 8


@dataclass(frozen=True)
class Stops:
    """Shares of the answers, 0 to 1.

    Attributes:
        ended: stopped by their end of turn. limit: by the limit of tokens.
        repeats: go round in a circle at their end, however they stopped.
    """

    ended: float
    limit: float
    repeats: float


def stops(answers: pa.Table) -> Stops | None:
    """How the answers of a table (schema `tables.ANSWERS`) stopped; None where there are none."""
    n = answers.num_rows
    if n == 0:
        return None
    how = answers["stop"].to_pylist()
    circling = sum(repeats(text) for text in answers["answer"].to_pylist() if text)
    return Stops(how.count("end_of_turn") / n, how.count("limit") / n, circling / n)


def repeats(text: str) -> bool:
    """Whether the text ends in the same words three times in a row or more, eight words or more in all."""
    words = text.split()
    return any(
        words[-length * _ROUNDS :] == words[-length:] * _ROUNDS
        for length in range(1, len(words) // _ROUNDS + 1)
        if length * _ROUNDS >= _WORDS or words[-_WORDS:] == words[-length:] * (_WORDS // length)
    )
