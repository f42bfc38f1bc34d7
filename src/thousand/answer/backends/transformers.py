"""The backend for any folder that transformers loads. It honours every setting."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Literal

from thousand.answer.kinds import Ask, Local, Parts, Said, as_prompts
from thousand.answer.shown import stop_of
from thousand.model import Model, load
from thousand.model.generate import check_room, generated
from thousand.recipe import Answer


def transformers(settings: Answer, *, precision: Literal["float32", "bfloat16", "float16"] = "float32") -> Local:
    """Args:
    precision: of the weights. A narrower one is faster on a GPU, and what else is in the batch changes more of the last bits.
    """

    def start(model: Path | Model) -> Parts:
        loaded = model if isinstance(model, Model) else load(model, precision=precision)
        check_room(settings.max_tokens, loaded.context, loaded.folder)
        return partial(_said, loaded, settings)

    return Local(start, shows=True)


def _said(model: Model, settings: Answer, asks: Sequence[Ask]) -> Iterator[Mapping[int, Said]]:
    prompts, refused = as_prompts(model, asks, settings, model.context - settings.max_tokens)
    if refused:
        yield refused
    for shown in dict.fromkeys(each.shown for each in prompts.values()):  # which begin alike
        rows = [row for row, each in prompts.items() if each.shown == shown]
        for part in generated(
            model,
            [prompts[row].text for row in rows],
            max_tokens=settings.max_tokens,
            seeds=[asks[row].seed for row in rows],
            temperature=settings.temperature,
            top_p=settings.top_p,
            repetition_penalty=settings.repetition_penalty,
            batch=settings.batch,
            too_long=settings.too_long or "cut",
            stop=None if shown is None or model.chats else stop_of(settings.plain),
            alike=bool(shown),
        ):
            yield {
                rows[i]: Said(None if each.error else each.text, each.stop, each.tokens, each.seconds, each.cut, each.error, shown)
                for i, each in part.items()
            }
