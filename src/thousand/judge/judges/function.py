"""A judge written in Python: a function of an installed module that makes a rater, with its own options.

``function: {call: my_package.my_module:my_judge, limit: 3}`` calls ``my_judge(limit=3)``, which must return a function from
a list of (prompt, answer) pairs to a list of records, one each: a rating by criterion (``overall`` decides who wins;
further ones such as ``correct`` are reported beside it), each a number, or None where there is none; and ``raw``, what the judge said.
"""

from __future__ import annotations

import importlib
import numbers
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from thousand.errors import DataError, RecipeError
from thousand.judge.kinds import Case, Progress, Rater, Said


def function(*, call: str, options: dict[str, Any] | None = None) -> Rater:
    module_name, _, name = call.partition(":")
    try:
        make = getattr(importlib.import_module(module_name), name)
        rate = make(**(options or {}))
    except (ImportError, AttributeError, ValueError) as error:
        raise RecipeError(f"judge.function.call: {call!r} cannot be loaded: {error}.", "Write it as package.module:name.") from None
    except TypeError as error:
        raise RecipeError(f"judge.function.options: {error}.") from None
    except FileNotFoundError as error:
        raise RecipeError(f"judge.function: {error.filename} is not there.", "Check the options of the judge.") from None
    if not callable(rate):
        raise RecipeError(
            f"judge.function.call: {call!r} returned {type(rate).__name__}.", "It must return a function from pairs to records."
        )

    def ask(cases: Sequence[Case], progress: Progress) -> list[Said]:
        said = [_said(record, name) for record in rate([(case.prompt, case.texts[0]) for case in cases])]
        progress(len(said))
        return said

    return Rater(name, ask)


def _said(record: Mapping[str, Any], judge: str) -> Said:
    ratings = {criterion: _number(value, f"The judge {judge}: {criterion}") for criterion, value in record.items() if criterion != "raw"}
    raw = record.get("raw")
    return Said(ratings=ratings, raw=None if raw is None else str(raw))


def _number(value: Any, where: str) -> float | None:
    if value is None:
        return None
    try:
        if isinstance(value, numbers.Real | np.bool_):
            return float(value)
    except OverflowError:
        pass
    raise DataError(f"{where}: expected a number, found {value!r:.80}.", "A rating is a number; what else there is to say belongs in raw.")
