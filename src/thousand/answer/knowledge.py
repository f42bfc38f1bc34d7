"""What a model knows: sentences are begun and it must go on with the right words (a cloze), or several choices are held beside each other.

Asked before and after alignment it shows what was forgotten. It needs no chat template: the base and what became of it are asked
alike, in the base's form, so that what is compared is knowledge and not manners.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from thousand import tables
from thousand.answer.questions import Choices, Question
from thousand.conversation import content_id
from thousand.errors import DataError
from thousand.model import Model, generate, load, mean_log_likelihood
from thousand.model.chat import broken_up
from thousand.model.likelihood import FORM, continuations

Floats = NDArray[np.float64]

_TIE = 1e-6
"""Nats a character (or token) by which the best choice must lead: closer ones differ by rounding alone."""


def knowledge(
    model: str | Path | Model, questions: Sequence[Question | tuple[str, str]], *, plain: str = FORM, batch: int = 256
) -> pa.Table:
    """Ask a model what it knows.

    A sentence is finished greedily; it is known when the expected words come first. Of several choices that is known whose
    likelihood after the question is highest for its length: the sum over its tokens by its *characters* decides, as the harness's
    ``acc_norm`` does (Gao et al. 2021), and the mean by tokens stands beside it.

    Args:
        plain: how a question with choices is asked; HellaSwag's texts are gone on with as they are.

    Returns:
        Schema `tables.KNOWLEDGE`, in the order of the questions; what is not known to be known or unknown is null, with the reason.

    Raises:
        DataError: a sentence could not be finished.
    """
    loaded = model if isinstance(model, Model) else load(model)
    rows: dict[int, dict[str, Any]] = {}
    sentences = [(i, *each) for i, each in enumerate(questions) if not isinstance(each, Choices)]
    for (i, start, expected), said in zip(sentences, _finished(loaded, sentences, batch), strict=True):
        known = begins_with(_plain(said), _plain(expected))
        rows[i] = {"question": start, "expected": expected, "said": said, "known": known, "form": "sentence"}
    chosen = [(i, each) for i, each in enumerate(questions) if isinstance(each, Choices)]
    for (i, each), row in zip(chosen, _chosen(loaded, [each for _, each in chosen], plain), strict=True):
        rows[i] = {"question": each.question, "expected": each.choices[each.answer], "form": each.form} | row
    named = [{"question_id": _name(each)} | rows[i] for i, each in enumerate(questions)]
    return pa.Table.from_pylist(named, tables.KNOWLEDGE)


def begins_with(said: str, expected: str) -> bool:
    """Whether it does, and the last word does not go on: 42 does not begin with 4, nor horns with horn."""
    after = said[len(expected) : len(expected) + 1]
    return said.startswith(expected) and not (expected[-1:].isalnum() and after.isascii() and after.isalnum())


def _name(question: Question | tuple[str, str]) -> str:
    """By what is asked: a question with other choices is another question."""
    asked = "\n".join([question.question, *question.choices]) if isinstance(question, Choices) else question[0]
    return content_id([{"role": "user", "content": asked}])


def _finished(model: Model, sentences: Sequence[tuple[int, str, str]], batch: int) -> list[str]:
    if not sentences:
        return []
    tokenizer = model.tokenizer
    longest = max(len(ids) for ids in tokenizer([expected for _, _, expected in sentences], add_special_tokens=False)["input_ids"])
    start = tokenizer.bos_token or ""
    said = generate(model, [start + question for _, question, _ in sentences], max_tokens=longest + 2, batch=batch)
    if failed := next((each.error for each in said if each.error), None):
        raise DataError(f"A question of knowledge could not be asked: {failed}.")
    return [each.text for each in said]


def _chosen(model: Model, questions: Sequence[Choices], plain: str) -> Iterator[dict[str, Any]]:
    """Which choice the model finds likeliest, question by question."""
    pairs = [(_asked(model, each, plain), broken_up(model, choice)) for each in questions for choice in each.choices]
    read = continuations(model, [(before, after if before.endswith("\n") else f" {after}") for before, after in pairs])
    by_token = mean_log_likelihood(model, read)
    at = 0
    for each in questions:
        n = len(each.choices)
        means, why = by_token[at : at + n], next((found.why for found in read[at : at + n] if found.why), None)
        lengths = np.array([(len(found.after), len(choice)) for found, choice in zip(read[at : at + n], each.choices, strict=True)])
        at += n
        if why:
            yield {"reason": f"a choice cannot be scored: {why}"}
            continue
        best = _best(means * lengths[:, 0] / lengths[:, 1])
        token = _best(means)
        yield {
            "said": None if best is None else each.choices[best],
            "known": None if best is None else best == each.answer,
            "by_token": None if token is None else token == each.answer,
            "reason": "two choices are equally likely" if best is None else None,
        }


def _asked(model: Model, question: Choices, plain: str) -> str:
    form = "{prompt}" if question.goes_on else plain.rstrip(" ")
    return (model.tokenizer.bos_token or "") + form.replace("{prompt}", broken_up(model, question.question.strip()))


def _best(scores: Floats) -> int | None:
    """Where the highest score stands; None where another is as high."""
    first, second = np.argsort(-scores)[:2]
    return int(first) if scores[first] - scores[second] > _TIE else None


def _plain(text: str) -> str:
    return " ".join(text.lower().split())
