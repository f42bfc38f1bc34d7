"""The verb: a model and prompts become answers, one row per prompt and sample."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa

from thousand import registry, tables
from thousand.answer.dialogue import Dialogue, converse
from thousand.answer.kept import Kept
from thousand.answer.kinds import Local, Remote, Say
from thousand.answer.local import asked_here, found
from thousand.answer.remote import asked_at, preview_at
from thousand.answer.shown import shown, stop_of
from thousand.conversation import Message, prompt_of
from thousand.endpoint import Preview
from thousand.errors import RecipeError
from thousand.model import Model
from thousand.recipe import Answer

BACKENDS = "thousand.answer.backends"


def answer(
    model: str | Path | Model,
    prompts: pa.Table,
    settings: Answer,
    *,
    seed: int = 0,
    progress: Callable[[int], None] | None = None,
    kept: Path | None = None,
    examples: Sequence[Sequence[Message]] | None = None,
) -> pa.Table:
    """Sample answers to held-out prompts.

    Args:
        model: a folder, the name of a model in Hugging Face's cache, or a model already loaded; for a server, its name there. A base
            without a chat template is asked in the plain form of the settings.
        prompts: schema `tables.PROMPTS`. Where several of the user's turns stand in a row, each is answered before the next is asked.
        seed: with the prompt's id and the sample's number it decides each answer; the batch does not.
        progress: called with the answers done.
        kept: a folder in which answers are kept as they come. If this is interrupted, the same call goes on from there, and gives the
            table it would have given. `clear` it once the table is written.
        examples: shown before every prompt, in this order, as many as there is room for; the column ``shown`` says how many those
            were.

    Returns:
        Schema `tables.ANSWERS`: prompt by prompt, sample by sample. A prompt that could not be answered has a row that says why.

    Raises:
        RecipeError: no such backend or option, or a setting that the backend cannot honour.
        DataError: there is no such model, or its context has no room for so many tokens.
        ThousandError: as `thousand.endpoint.Endpoint.ask`; what was answered is kept.
    """
    ids: list[str] = prompts["prompt_id"].to_pylist()
    conversations: list[list[Message]] = prompts["messages"].to_pylist()
    rows = [(i, sample) for i in range(len(ids)) for sample in range(settings.samples)]
    before = shown(settings, examples) if examples else None
    if before is not None:
        check_shown(settings)
    dialogues = [Dialogue(conversations[i], f"{seed}/{ids[i]}/{sample}", before) for i, sample in rows]
    converse(dialogues, _ready(model, settings, kept), progress or (lambda done: None))
    said = [_summed_up(each) for each in dialogues]
    given = [{"prompt_id": ids[i], "sample": sample, "prompt": prompt_of(conversations[i])} for i, sample in rows]
    return pa.Table.from_pylist([asked | answered for asked, answered in zip(given, said, strict=True)], tables.ANSWERS)


def preview(model: str, prompts: pa.Table, settings: Answer, *, seed: int = 0, kept: Path | None = None, sample: int = 20) -> Preview:
    """What answers of a server will cost, from a sample of the prompts that is answered now, and kept.

    Of a dialogue the first turn alone is counted: what the others will be asked with is not known yet.

    Raises:
        RecipeError: the backend asks no server, or as `answer`.
    """
    match backend(settings):
        case Remote() as remote:
            turns = zip(prompts["prompt_id"].to_pylist(), prompts["messages"].to_pylist(), strict=True)
            asks = [Dialogue(each, f"{seed}/{name}/{i}").ask() for name, each in turns for i in range(settings.samples)]
            return preview_at(remote.reach(model, kept), asks, sample)
        case Local():
            raise RecipeError(f"answer.backend: {settings.backend.name} runs here and has no price.")


def check(settings: Answer, *, folders: bool = False) -> None:
    """Whether settings can be honoured, before there is a model.

    Args:
        folders: the model will lie in a folder, as those of a run do.

    Raises:
        RecipeError: no such backend or option, or one that cannot honour the settings.
    """
    if isinstance(backend(settings), Remote) and folders:
        raise RecipeError(
            f"answer.backend: {settings.backend.name} asks a server, which does not have the models that a run trains.",
            "Take another backend, such as transformers.",
        )


def check_shown(settings: Answer) -> None:
    """Whether examples can be shown before prompts with these settings.

    Raises:
        RecipeError: the backend cannot, or nothing in the plain form would tell a next question from an answer.
    """
    stop_of(settings.plain)
    if isinstance(made := backend(settings), Local) and not made.shows:
        raise RecipeError(
            f"answer.backend: {settings.backend.name} cannot be shown examples in context.", "Take the backend transformers, or openai."
        )


def backend(settings: Answer) -> Local | Remote:
    """The backend that the settings name. Raises what `check` does."""
    where = f"answer.backend.{settings.backend.name}"
    function = registry.bind(registry.find(BACKENDS, settings.backend.name, "answer.backend"), settings.backend.options, where)
    made: Local | Remote = function(settings)
    return made


def _ready(model: str | Path | Model, settings: Answer, kept: Path | None) -> Say:
    match backend(settings):
        case Remote() as remote:
            return asked_at(remote.reach(str(model), kept))
        case Local() as local:
            source = model if isinstance(model, Model) else found(model)
            return asked_here(local.start(source), Kept(kept, source, settings) if kept else None)


def _summed_up(dialogue: Dialogue) -> dict[str, Any]:
    """A dialogue as a row: the last answer, and what all of them took."""
    last = dialogue.said[-1]
    whole = len(dialogue.said) == dialogue.turns and last.stop != "error"
    broke_off = None if whole else f"the dialogue broke off at turn {len(dialogue.said)} of {dialogue.turns}"
    cut = [each.cut for each in dialogue.said]
    return {
        "answer": last.text if whole else None,
        "stop": last.stop,
        "tokens": _sum([each.tokens for each in dialogue.said]),
        "seconds": _sum([each.seconds for each in dialogue.said]),
        "cut": True if any(cut) else None if None in cut else False,
        "reason": last.reason or broke_off,
        "turns": dialogue.spoken if dialogue.turns > 1 else None,
        "shown": min((each.shown for each in dialogue.said if each.shown is not None), default=None),
    }


def _sum(values: Sequence[Any]) -> Any:
    return None if None in values else sum(values)
