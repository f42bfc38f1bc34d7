"""What models are asked to see what they know."""

from __future__ import annotations

from typing import Annotated

from pydantic import BeforeValidator, Field, model_validator

from thousand.recipe.part import Part


def _each(value: object) -> object:
    """A tuple, which a name alone stands for, too."""
    return (value,) if isinstance(value, str) else value


class Harness(Part):
    """Tasks of the language-model evaluation harness, asked without network.

    Attributes:
        tasks: names of tasks or groups.
        include_path: a folder of tasks of one's own, each a YAML file; without it the harness's own are meant, with their data in
            Hugging Face's cache. Such files may name Python functions, which are run: take them from no one you do not trust.
        shots: examples before each question, if not the task's number.
        limit: so many questions of each task, the first ones.
    """

    tasks: Annotated[tuple[str, ...], BeforeValidator(_each), Field(min_length=1)]
    include_path: str | None = None
    shots: Annotated[int, Field(ge=0)] | None = None
    limit: Annotated[int, Field(gt=0)] | None = None


class Knowledge(Part):
    """Questions that are asked before and after alignment.

    Attributes:
        file: sentences to finish and questions with choices; see `thousand.answer.read_questions`.
    """

    file: str | None = None
    harness: Harness | None = None

    @model_validator(mode="after")
    def _asks_something(self) -> Knowledge:
        if self.file is None and self.harness is None:
            raise ValueError("knowledge needs a file of questions, tasks of the harness, or both")
        return self


def file_or_all(value: object) -> object:
    """What may be written as the name of a file."""
    return {"file": value} if isinstance(value, str) else value
