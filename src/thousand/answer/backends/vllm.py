"""The backend for vLLM, fast on GPUs. Its kernels are not ours: an answer may depend on what else is in the batch."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from thousand.answer.kinds import Ask, Local, Said, as_prompts, seed_of, unmet
from thousand.errors import RecipeError
from thousand.model import Model, check_room, context_of, load_tokenizer
from thousand.model.generate import refusal
from thousand.recipe import Answer

_AT_ONCE = 1024
"""Questions to a call: vLLM gives no answer back before the last of its call."""


def vllm(
    settings: Answer,
    *,
    precision: Literal["auto", "float32", "bfloat16", "float16"] = "auto",
    devices: int = 1,
    memory: float = 0.9,
) -> Local:
    """Args:
    precision: of the weights; ``auto`` takes what the model says.
    devices: GPUs that the model is spread over.
    memory: share of each GPU's memory that may be taken.
    """
    if settings.repetition_penalty != 1.0:
        raise RecipeError(
            unmet("vllm", settings, "repetition_penalty", "vLLM's counts the tokens of the prompt too."),
            "Set repetition_penalty: 1.0, or backend: transformers.",
        )
    try:
        import vllm as library  # type: ignore[import-not-found, unused-ignore]
    except ImportError:
        raise RecipeError(
            "answer.backend: vLLM is not installed.", "Install it with `pip install thousand[vllm]`, or take another backend."
        ) from None

    def start(model: Path | Model) -> _Engine:
        folder = model.folder if isinstance(model, Model) else model
        context = context_of(folder)
        check_room(settings.max_tokens, context, folder)
        engine = library.LLM(
            model=str(folder),
            dtype=precision,
            tensor_parallel_size=devices,
            gpu_memory_utilization=memory,
            max_model_len=context,
            max_num_seqs=settings.batch,
            generation_config="vllm",  # not the model's own, which may hold a penalty
            trust_remote_code=False,
        )
        return _Engine(library.SamplingParams, engine, Model(folder, None, load_tokenizer(folder)), context, settings)

    return Local(start)


@dataclass(frozen=True)
class _Engine:
    """An engine that runs; the model is its tokenizer alone."""

    parameters: Any
    engine: Any
    model: Model
    context: int
    settings: Answer

    def __call__(self, asks: Sequence[Ask]) -> Iterator[Mapping[int, Said]]:
        room = self.context - self.settings.max_tokens
        prompts, found = as_prompts(self.model, asks, self.settings, room)
        encoded = {row: self.model.tokenizer(each.text, add_special_tokens=False)["input_ids"] for row, each in prompts.items()}
        for row, ids in encoded.items():
            if why := refusal(len(ids), room, self.settings.too_long or "cut"):
                found[row] = Said(None, "error", 0, 0.0, False, why)
        if found:
            yield found
        rows = [row for row in encoded if row not in found]
        for some in (rows[start : start + _AT_ONCE] for start in range(0, len(rows), _AT_ONCE)):
            yield self._said({row: encoded[row] for row in some}, asks, room)

    def _said(self, encoded: Mapping[int, list[int]], asks: Sequence[Ask], room: int) -> dict[int, Said]:
        stops = self._stops()
        parameters = [
            self.parameters(
                temperature=self.settings.temperature,
                top_p=self.settings.top_p,
                max_tokens=self.settings.max_tokens,
                seed=seed_of(asks[row]),
                stop_token_ids=sorted(stops),
            )
            for row in encoded
        ]
        started = time.monotonic()
        outputs = self.engine.generate([{"prompt_token_ids": ids[-room:]} for ids in encoded.values()], parameters, use_tqdm=False)
        said = [output.outputs[0] for output in outputs]
        tokens = [len(each.token_ids) - (bool(each.token_ids) and each.token_ids[-1] in stops) for each in said]
        per_token = (time.monotonic() - started) / max(1, sum(tokens))
        return {
            row: Said(
                each.text.strip(),
                "limit" if each.finish_reason == "length" else "end_of_turn",
                count,
                count * per_token,
                len(encoded[row]) > room,
            )
            for row, each, count in zip(encoded, said, tokens, strict=True)
        }

    def _stops(self) -> set[int]:
        """The ids that end an answer, which vLLM is not to take from the model's own settings together with the rest."""
        import transformers

        try:
            given = transformers.GenerationConfig.from_pretrained(self.model.folder, local_files_only=True).eos_token_id
        except OSError:
            given = None
        given = self.model.tokenizer.eos_token_id if given is None else given
        return set(given if isinstance(given, list) else [given])
