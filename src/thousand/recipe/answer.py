"""How answers are sampled, and by what."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import ConfigDict, Field, model_validator

from thousand.recipe.part import Choice, Part


class Answer(Part):
    """How answers are sampled. The defaults are LIMA's (section 4.1): the penalty is on generated tokens only.

    Attributes:
        backend: what runs the model, with its options; see `thousand.answer.backends`. One that cannot honour a setting refuses it.
        samples: answers to each prompt.
        batch: prompts at once.
        plain: how a base without a chat template is asked.
        introduction: what stands before examples that are shown in context: the system's turn, or without a chat template the first line.
        too_long: what becomes of a prompt that leaves no room in the context for ``max_tokens``: it is ``cut`` from the left and its
            row says so, or its row is an ``error``. None cuts where the backend can.
    """

    model_config = ConfigDict(allow_inf_nan=False)

    temperature: Annotated[float, Field(ge=0)] = 0.7
    top_p: Annotated[float, Field(gt=0, le=1)] = 0.9
    repetition_penalty: Annotated[float, Field(ge=1)] = 1.2
    max_tokens: Annotated[int, Field(gt=0)] = 2048
    samples: Annotated[int, Field(gt=0)] = 1
    batch: Annotated[int, Field(gt=0)] = 64
    plain: str = "Question: {prompt} Answer:"
    introduction: str = "Below are questions, each with the answer of a helpful and careful assistant."
    too_long: Literal["cut", "error"] | None = None
    backend: Choice = Choice(name="transformers")

    @model_validator(mode="after")
    def _has_a_place_for_the_prompt(self) -> Answer:
        if "{prompt}" not in self.plain:
            raise ValueError("plain must contain {prompt}: it is how a base without a chat template is asked")
        return self
