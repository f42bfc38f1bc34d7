"""How answers are sampled."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, model_validator

from thousand.recipe.part import Part


class Answer(Part):
    """How answers are sampled. The defaults are LIMA's (section 4.1): the penalty is on generated tokens only."""

    temperature: Annotated[float, Field(ge=0)] = 0.7
    top_p: Annotated[float, Field(gt=0, le=1)] = 0.9
    repetition_penalty: Annotated[float, Field(ge=1)] = 1.2
    max_tokens: Annotated[int, Field(gt=0)] = 2048
    samples: Annotated[int, Field(gt=0)] = 1
    batch: Annotated[int, Field(gt=0)] = 64
    plain: str = "Question: {prompt} Answer:"

    @model_validator(mode="after")
    def _has_a_place_for_the_prompt(self) -> Answer:
        if "{prompt}" not in self.plain:
            raise ValueError("plain must contain {prompt}: it is how a base without a chat template is asked")
        return self
