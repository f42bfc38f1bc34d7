"""How a base is fine-tuned."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field, model_validator

from thousand.recipe.part import Part, Share


class Align(Part):
    """How a base is fine-tuned. The defaults are LIMA's (section 2 of the paper).

    Attributes:
        epochs, steps: how long; exactly one may be given, ``steps`` wins over the default.
        batch: examples per optimizer step, over all devices.
        micro_batch: examples per forward pass, a divisor of the batch; None means the batch.
        learning_rate, final_learning_rate: linear from the first down to the last, no warm-up.
        residual_dropout: of the last layer; it rises linearly from 0 at the first.
        loss_on: ``responses``, or ``all`` for the prompts too.
        max_tokens: longest example. ``too_long`` says whether longer ones are dropped or cut before the end of turn.
        end_of_turn: a token to use as end of turn; None takes a reserved one of the tokenizer, or adds one.
        checkpoints: whether every epoch is saved, to be chosen from and to resume from.
    """

    epochs: Annotated[float, Field(gt=0)] = 15
    steps: Annotated[int, Field(gt=0)] | None = None
    batch: Annotated[int, Field(gt=0)] = 32
    micro_batch: Annotated[int, Field(gt=0)] | None = None
    learning_rate: Annotated[float, Field(gt=0)] = 1e-5
    final_learning_rate: Annotated[float, Field(gt=0)] = 1e-6
    beta1: Share = 0.9
    beta2: Share = 0.95
    weight_decay: Annotated[float, Field(ge=0)] = 0.1
    gradient_clip: Annotated[float, Field(gt=0)] = 1.0
    residual_dropout: Annotated[float, Field(ge=0, lt=1)] = 0.3
    loss_on: Literal["responses", "all"] = "responses"
    max_tokens: Annotated[int, Field(gt=1)] = 2048
    too_long: Literal["drop", "cut"] = "cut"
    end_of_turn: Annotated[str, Field(min_length=1)] | None = None
    checkpoints: bool = True
    precision: Literal["float32", "bfloat16"] = "float32"

    @model_validator(mode="before")
    @classmethod
    def _from_name(cls, value: Any) -> Any:
        return {} if value == "lima" else value

    @model_validator(mode="after")
    def _can_be_done(self) -> Align:
        if self.final_learning_rate >= self.learning_rate:
            raise ValueError(f"final_learning_rate ({self.final_learning_rate:g}) must be below learning_rate ({self.learning_rate:g})")
        if self.batch % (self.micro_batch or self.batch):
            raise ValueError(f"batch ({self.batch}) must be a multiple of micro_batch ({self.micro_batch})")
        return self
