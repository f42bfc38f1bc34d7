"""What a model knows, asked as it was taught: sentences are begun and it must go on with the right words (a cloze).

Asked before and after alignment it shows what was forgotten. It needs no chat template, so the base and what became of
it are asked alike.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pyarrow as pa

from thousand import tables
from thousand.conversation import content_id
from thousand.errors import DataError
from thousand.model import Model, generate, load


def knowledge(model: str | Path | Model, questions: Sequence[tuple[str, str]], *, batch: int = 256) -> pa.Table:
    """Let the model finish each sentence greedily; it knows what it finishes with the expected words first.

    Returns:
        Schema `tables.KNOWLEDGE`.

    Raises:
        DataError: a question could not be asked.
    """
    loaded = model if isinstance(model, Model) else load(model)
    tokenizer = loaded.tokenizer
    longest = max(len(ids) for ids in tokenizer([expected for _, expected in questions], add_special_tokens=False)["input_ids"])
    start = tokenizer.bos_token or ""
    said = generate(loaded, [start + question for question, _ in questions], max_tokens=longest + 2, batch=batch)
    if failed := next((each.error for each in said if each.error), None):
        raise DataError(f"A question of knowledge could not be asked: {failed}.")
    return pa.table(
        {
            "question_id": [content_id([{"role": "user", "content": question}]) for question, _ in questions],
            "question": [question for question, _ in questions],
            "expected": [expected for _, expected in questions],
            "said": [each.text for each in said],
            "known": [_plain(each.text).startswith(_plain(expected)) for each, (_, expected) in zip(said, questions, strict=True)],
        },
        schema=tables.KNOWLEDGE,
    )


def _plain(text: str) -> str:
    return " ".join(text.lower().split())
