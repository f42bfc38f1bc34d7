"""What an earlier run left is read as it was."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa

from thousand import tables
from thousand.run.collect import _answers


def test_answers_from_before_a_column_was_there_have_none_in_it(tmp_path: Path) -> None:
    row = dict.fromkeys(tables.ANSWERS.names) | {"prompt_id": "a", "sample": 0, "answer": "Yes."}
    tables.write(tmp_path / "answers.parquet", pa.Table.from_pylist([row], tables.ANSWERS).drop_columns(["shown"]))
    found = _answers(tmp_path / "answers.parquet")
    assert found.schema.equals(tables.ANSWERS) and found["shown"].to_pylist() == [None]
