"""What can be known to be wrong with a recipe before work begins."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import pyarrow as pa

from thousand.align import check_preferences
from thousand.answer import check as check_answering
from thousand.answer import check_harness, check_shown, read_prompts, read_questions
from thousand.conversation import prompt_of
from thousand.curate import needs_base, plan
from thousand.embedding import embedder
from thousand.engine import engine
from thousand.errors import RecipeError, ThousandError
from thousand.gather import fingerprint, read_pairs
from thousand.judge import Imported, make
from thousand.model import check_room, context_of
from thousand.recipe import Choice, Choosing, Recipe
from thousand.run.measuring import check as check_measurements
from thousand.select import check, signals_of


def check_recipe(recipe: Recipe) -> None:
    """Everything that can be known to be wrong before work begins.

    Raises:
        RecipeError, DataError: the first fault found.
    """
    if recipe.bases:
        raise RecipeError(f"base: there are several: {', '.join(recipe.bases)}.", "Ask one of them: recipe.on(NAME).")
    engine(recipe.engine)
    fingerprint(recipe.pool)
    plan(recipe.curate)
    for name, arm in recipe.arms.items():
        check(arm, name)
        for where, signal in signals_of(arm):
            if signal not in {choice.name for choice in plan(recipe.curate)}:
                raise RecipeError(f"arms.{name}.{where}: {signal!r} is not computed.", f"Add it to curate.signals: [{signal}].")
    if recipe.embedding is not None:
        embedder(recipe.embedding)
    if not (Path(recipe.base) / "config.json").is_file():
        asks = needs_base(recipe.curate)
        also = f" It is asked by the signals {', '.join(asks)}, too." if asks else ""
        raise RecipeError(
            f"base: there is no model at {recipe.base}.",
            f"Give a folder with config.json, weights and tokenizer; nothing is downloaded.{also}",
        )
    check_answering(recipe.answer, folders=True)
    _check_kinds(recipe)
    _check_prompts(recipe)
    if recipe.knowledge is not None and recipe.knowledge.file is not None:
        read_questions(Path(recipe.knowledge.file))
    if recipe.knowledge is not None and recipe.knowledge.harness is not None:
        check_harness(recipe.knowledge.harness)
    make(recipe.judge)
    check_measurements(recipe)


def _check_kinds(recipe: Recipe) -> None:
    """What arms that select nothing need."""
    for name, arm in recipe.arms.items():
        try:
            if arm.kind == "shown":
                check_shown(recipe.answer)
            if arm.preferences is not None:
                check_preferences(recipe.training(name))
                pairs = read_pairs(arm.preferences)
                if (arm.budget or 0) > pairs.table.num_rows:
                    raise RecipeError(f"budget: {arm.budget:,} pairs, and {arm.preferences} has fewer: {pairs.sentence()}", "Lower it.")
        except ThousandError as error:
            raise type(error)(f"arms.{name}: {error.args[0]}", error.remedy) from error


def _check_prompts(recipe: Recipe) -> None:
    test = read_prompts(Path(recipe.prompts.test))
    if recipe.prompts.dev is not None:
        shared = _said(test) & _said(read_prompts(Path(recipe.prompts.dev)))
        if shared:
            raise RecipeError(
                f"prompts.dev: {min(shared)[:80]!r} is a prompt of the test, too.",
                "What a model is chosen by cannot also prove it: take it out.",
            )
    for name, arm in recipe.arms.items():
        training = recipe.training(name)
        choosing = training.choose
        if choosing.by == "perplexity" and arm.select == "all" and training.steps is None and training.epochs > 1:
            raise RecipeError(f"arms.{name}: align.choose: perplexity needs rows that the arm leaves out.", "Choose judged or last.")
        if arm.select is None or choosing.by != "judged":
            continue
        if recipe.prompts.dev is None:
            raise RecipeError(
                f"arms.{name}: align.choose: judged needs prompts that are not those of the test.", "Give prompts: {dev: FILE, test: FILE}."
            )
        if not judges_of(recipe, choosing):
            raise RecipeError(
                f"arms.{name}: align.choose: judged needs a judge that can be asked.", "Name one: choose: {by: judged, judge: ...}."
            )


def _said(prompts: pa.Table) -> set[str]:
    return {prompt_of(messages) for messages in prompts["messages"].to_pylist()}


def check_answers(recipe: Recipe) -> None:
    """Whether the base has room for the answers asked for, which would else be known after the first training.

    Raises:
        DataError: it has not, or the folder holds no transformers model.
    """
    check_room(recipe.answer.max_tokens, context_of(recipe.base), recipe.base)


def judges_of(recipe: Recipe, settings: Choosing) -> list[Choice]:
    """Who rates the answers to the dev prompts: of the judges named for it, or of the recipe, those that can be asked and decide."""
    asked = settings.judge or recipe.judge
    return [named for named, made in zip(asked, make(asked), strict=True) if not isinstance(made, Imported) and made.decides]


def files_of(judges: Sequence[Choice]) -> list[Path]:
    """The files that judges' options name, and the folders of judges and models: a judgement is as lasting as what it was made from."""

    def texts(value: object) -> Iterator[str]:
        if isinstance(value, Mapping):
            for each in value.values():
                yield from texts(each)
        elif isinstance(value, list):
            for each in value:
                yield from texts(each)
        elif isinstance(value, str):
            yield value

    def lasting(path: Path) -> bool:
        try:
            return path.is_file() or (path / "judge.yaml").is_file() or (path / "config.json").is_file()
        except OSError:  # a text that is no path
            return False

    return sorted({Path(text) for choice in judges for text in texts(choice.options) if lasting(Path(text))})
