"""Verdicts that were given elsewhere, as rows of a run's ledger: each must be of answers that are there."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pyarrow as pa

from thousand.errors import DataError
from thousand.judge.kinds import Imported, Key
from thousand.judge.ledger import verdicts_in


def imported(judge: Imported, answers: Mapping[Key, pa.Table]) -> list[dict[str, Any]]:
    """The rows of a file.

    Raises:
        DataError: there is no run, the file cannot be read, or a row speaks of an arm, a seed, a prompt or a sample that is not
            there; with row and field.
    """
    if judge.path is None:
        raise DataError(f"The judge {judge.name} judges at the desk of a run, and here is none.", "Run a recipe, then: thousand desk RUN.")
    if judge.awaited and not judge.path.exists():
        return []
    there = {key: set(zip(table["prompt_id"].to_pylist(), table["sample"].to_pylist(), strict=True)) for key, table in answers.items()}
    prompts = {prompt for rows in there.values() for prompt, _ in rows}
    found = []
    for where, row in verdicts_in(judge.path, judge.name):
        if row["prompt_id"] not in prompts:
            raise _not_there(where, "prompt_id", row["prompt_id"])
        for side in ("a", "b") if "b" in row else ("a",):
            arm, seed = row[side], row[f"{side}_seed"]
            if arm not in {each for each, _ in there}:
                raise _not_there(where, side, arm)
            if (arm, seed) not in there:
                raise _not_there(where, f"{side}_seed", seed, f"{arm} has {_listed(s for a, s in there if a == arm)}")
            if (row["prompt_id"], row["sample"]) not in there[arm, seed]:
                samples = _listed(sample for prompt, sample in there[arm, seed] if prompt == row["prompt_id"])
                raise _not_there(where, "sample", row["sample"], f"of {row['prompt_id']!r}, {arm} has {samples or 'none'}")
        found.append(row)
    return found


def _not_there(where: str, field: str, value: object, there: str = "") -> DataError:
    return DataError(f"{where}: {field}: {value!r} is not in this run{f': {there}' if there else ''}.")


def _listed(numbers: Any) -> str:
    return ", ".join(str(each) for each in sorted(numbers))
