"""How a base is fine-tuned, and which of its checkpoints is kept."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, ConfigDict, Field, model_validator

from thousand.recipe.part import Choice, Part, Share, merged, one_or_many


class Adapter(Part):
    """Low-rank matrices that learn in the base's place (LoRA, Hu et al. 2021).

    Attributes:
        rank: their width. alpha: what they give is multiplied by ``alpha / rank``.
        dropout: on what goes into them.
        targets: the layers that get them, by name; ``all-linear`` is every one but the last.
        bits: of the base's own weights while the adapter is trained: 4 (QLoRA, Dettmers et al. 2023) or 8, on a GPU only; None
            leaves them as they are.
    """

    model_config = ConfigDict(allow_inf_nan=False)

    rank: Annotated[int, Field(gt=0)] = 16
    alpha: Annotated[float, Field(gt=0)] = 32
    dropout: Annotated[float, Field(ge=0, lt=1)] = 0.05
    targets: str | list[str] = "all-linear"
    bits: Literal[4, 8] | None = None


class Choosing(Part):
    """How one checkpoint of a training is chosen: LIMA's were picked by hand, on 50 prompts, for what they answered.

    Attributes:
        by: ``judged``: by the ratings of its answers to the dev prompts; ``perplexity``: of held-out examples; ``last``: no
            choice. Of equals the earliest is taken.
        judge: who rates; the recipe's judges when none is named. The first decides.
        held_out: examples, kept by curation and not chosen by the arm, whose perplexity is measured; 0 measures none.
    """

    by: Literal["judged", "perplexity", "last"] = "last"
    judge: Annotated[list[Choice], BeforeValidator(one_or_many)] = []
    held_out: Annotated[int, Field(ge=0)] = 200

    @model_validator(mode="before")
    @classmethod
    def _from_name(cls, value: Any) -> Any:
        return {"by": value} if isinstance(value, str) else value

    @model_validator(mode="after")
    def _has_something_to_go_by(self) -> Choosing:
        if self.by == "perplexity" and not self.held_out:
            raise ValueError("there is no perplexity without held-out examples: give held_out a number")
        return self


class Dpo(Part):
    """How a base is trained to prefer one answer to another (DPO, Rafailov et al. 2023), in an arm of preferences.

    What is not said here is as in `Align`: batches, of pairs; AdamW; length, form and precision.

    Attributes:
        beta: how dear it is to depart from where training began.
        learning_rate: its highest; it rises linearly for the first share ``warmup`` of the steps and falls linearly to 0. None takes
            a tenth of `Align.learning_rate`: of LIMA's it is that of Rafailov et al. (appendix B).
        epochs: passes over the pairs.
        sft: train on the chosen answers first, as the rest of `Align` says (Rafailov et al., section 4; Zephyr, Tunstall et al. 2023).
            Without it a base learns which answer is better, and hardly to answer or to stop.
    """

    model_config = ConfigDict(allow_inf_nan=False)

    beta: Annotated[float, Field(gt=0)] = 0.1
    learning_rate: Annotated[float, Field(gt=0)] | None = None
    epochs: Annotated[float, Field(gt=0)] = 3
    warmup: Annotated[float, Field(ge=0, lt=1)] = 0.1
    sft: bool = True


class Align(Part):
    """How a base is fine-tuned. The defaults are LIMA's (section 2 of the paper).

    Attributes:
        preset: the recipe to start from: ``lima``, ``lora``, ``qlora`` or ``long-is-more``; see `PRESETS`.
        epochs, steps: how long; where ``steps`` are given they decide.
        batch: examples per optimizer step, over all devices.
        micro_batch: examples per forward pass, over all devices, a divisor of the batch; None means the batch.
        learning_rate, final_learning_rate: linear from the first down to the last, no warm-up.
        residual_dropout: of the last layer; it rises linearly from 0 at the first.
        neftune: noise on the embeddings in training (NEFTune's alpha, Jain et al. 2023); 0 is none.
        loss_on: ``responses``, or ``all`` for the prompts too.
        max_tokens: longest example. ``too_long`` says whether longer ones are dropped or cut before the end of turn.
        template: how a conversation is written: ``lima``'s form without names, or the model's ``own``; None keeps a template that the
            model has and else takes LIMA's.
        end_of_turn: a token to use as end of turn; None takes a reserved one of the tokenizer, or adds one.
        adapter: train low-rank adapters instead of the whole base.
        gradient_checkpointing: compute activations twice rather than keep them: less memory, a third more time.
        checkpoints: whether every epoch is saved, to be chosen from and to resume from.
        keep: the precision in which checkpoints are kept. Training resumes from full precision all the same.
        choose: which checkpoint becomes the model.
        dpo: what an arm of preferences does besides; no other arm asks for it.
    """

    model_config = ConfigDict(allow_inf_nan=False)

    preset: str = "lima"
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
    neftune: Annotated[float, Field(ge=0)] = 0.0
    loss_on: Literal["responses", "all"] = "responses"
    max_tokens: Annotated[int, Field(gt=1)] = 2048
    too_long: Literal["drop", "cut"] = "cut"
    template: Literal["lima", "own"] | None = None
    end_of_turn: Annotated[str, Field(min_length=1)] | None = None
    adapter: Adapter | None = None
    gradient_checkpointing: bool = False
    checkpoints: bool = True
    keep: Literal["float32", "bfloat16"] = "bfloat16"
    choose: Choosing = Choosing()
    dpo: Dpo = Dpo()
    precision: Literal["float32", "bfloat16"] = "float32"

    @model_validator(mode="before")
    @classmethod
    def _from_preset(cls, value: Any) -> Any:
        given = {"preset": value} if isinstance(value, str) else value
        if not isinstance(given, Mapping):
            return given
        if isinstance(given.get("choose"), str):
            given = {**given, "choose": {"by": given["choose"]}}
        preset = given.get("preset", "lima")
        if not isinstance(preset, str) or preset not in PRESETS:
            raise ValueError(f"preset: there is no recipe {preset!r}; there are: {', '.join(PRESETS)}")
        return merged(PRESETS[preset], given)

    @model_validator(mode="after")
    def _can_be_done(self) -> Align:
        if self.final_learning_rate >= self.learning_rate:
            raise ValueError(f"final_learning_rate ({self.final_learning_rate:g}) must be below learning_rate ({self.learning_rate:g})")
        if self.batch % (self.micro_batch or self.batch):
            raise ValueError(f"batch ({self.batch}) must be a multiple of micro_batch ({self.micro_batch})")
        if self.choose.by != "last" and not self.checkpoints:
            raise ValueError(f"choose: {self.choose.by} needs checkpoints to choose from: set checkpoints: true")
        return self


PRESETS: Mapping[str, Mapping[str, Any]] = {
    "lima": {},
    # Rates of adapters are some ten times those of whole models (Hu et al. 2021); they start at nothing and need no ramp.
    "lora": {"adapter": {}, "learning_rate": 2e-4, "final_learning_rate": 2e-5, "residual_dropout": 0.0},
    "qlora": {
        "adapter": {"bits": 4},
        "learning_rate": 2e-4,
        "final_learning_rate": 2e-5,
        "residual_dropout": 0.0,
        "precision": "bfloat16",
        "gradient_checkpointing": True,
    },
    # Zhao et al. 2024, for 7B: LIMA's rates and epochs, larger batches, noise on the embeddings.
    "long-is-more": {"batch": 128, "residual_dropout": 0.0, "neftune": 15.0},
}
"""The recipes by name: what in them is not LIMA's."""
