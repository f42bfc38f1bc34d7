"""Answers beside a hand-written batched `generate` on the same model. Writes benchmarks/answering.json.

    python benchmarks/answering.py
    python benchmarks/answering.py --cases one_billion        # on a GPU

`thousand.answer.answer`, from prompts to table, against a loop as one writes it: prompts sorted by length, padded on the left, and
given to transformers' own `generate` with the same settings, whose repetition penalty and sampling are its own. No token ends an
answer, so both make exactly as many. They take turns in one process; ``ratio`` is the median of ours over theirs, ``seconds`` are
medians. ``kept`` is ours with every answer kept as it comes.
"""

from __future__ import annotations

import argparse
import json
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import torch
import transformers

import thousand.lab
from thousand import tables
from thousand.answer import answer
from thousand.lab.prompts import make_prompts
from thousand.lab.world import make_world
from thousand.model import Model, load
from thousand.model.chat import as_prompt
from thousand.recipe import Answer

HERE = Path(__file__).parent
SHIPPED = Path(thousand.lab.__file__).parent / "shipped"
LIMA = {"temperature": 0.7, "top_p": 0.9, "repetition_penalty": 1.2}
WIDE = {"vocab_size": 32_000, "hidden_size": 256, "intermediate_size": 688, "num_hidden_layers": 4}
CASES: dict[str, tuple[dict[str, int], float, Answer, int]] = {
    "laboratory": ({}, 1.0, Answer(**LIMA, max_tokens=48, batch=32), 64),
    "laboratory, greedy": ({}, 1.0, Answer(temperature=0, repetition_penalty=1.0, max_tokens=48, batch=32), 64),
    "vocabulary of 32,000": (WIDE, 8.0, Answer(**LIMA, max_tokens=16, batch=16), 16),
    "vocabulary of 32,000, untrained": (WIDE, 1.0, Answer(**LIMA, max_tokens=16, batch=16), 16),
    "one_billion": (
        {"vocab_size": 128_256, "hidden_size": 2048, "intermediate_size": 8192, "num_hidden_layers": 16, "num_key_value_heads": 8},
        8.0,
        Answer(**LIMA, max_tokens=256, batch=64),
        256,
    ),
}
"""The shape of a model with random weights, or the laboratory's base; how sure of itself it is made, by a factor on its logits; the
settings; and prompts. An untrained model is the worst case: its nucleus is nearly the whole vocabulary."""


def main() -> None:
    """Run the cases and write the figures."""
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--cases", nargs="+", default=list(CASES)[:-1], choices=list(CASES))
    arguments.add_argument("--repeats", type=int, default=5)
    arguments.add_argument("--out", type=Path, default=HERE / "answering.json")
    given = arguments.parse_args()
    found: dict[str, Any] = json.loads(given.out.read_text(encoding="utf-8")) if given.out.exists() else {}
    for name in given.cases:
        shape, sureness, settings, prompts = CASES[name]
        found[name] = compared(a_model(shape, sureness), settings, prompts, given.repeats)
        print(name, json.dumps(found[name]))
        given.out.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")


def a_model(shape: dict[str, int], sureness: float) -> Model:
    """The laboratory's base, or one of its family with random weights and its tokenizer; no token of either ends an answer."""
    model = load(SHIPPED)
    if shape:
        config = transformers.LlamaConfig(**({"num_attention_heads": shape["hidden_size"] // 64} | shape))
        torch.manual_seed(0)
        on_gpu = torch.cuda.is_available()
        network: Any = transformers.LlamaForCausalLM(config).to("cuda" if on_gpu else "cpu", torch.bfloat16 if on_gpu else torch.float32)
        with torch.no_grad():
            network.lm_head.weight.mul_(sureness)
        model = Model(model.folder, network.eval(), model.tokenizer)
    model.network.generation_config.eos_token_id = model.network.config.vocab_size
    return model


def compared(model: Model, settings: Answer, count: int, repeats: int) -> dict[str, Any]:
    """Both ways in turn, after a first round of each that is not counted."""
    some = make_prompts(make_world(7))
    rows = [{"prompt_id": str(i), "messages": [{"role": "user", "content": some[i % len(some)].text}]} for i in range(count)]
    prompts = pa.Table.from_pylist(rows, tables.PROMPTS)
    ways: dict[str, Callable[[], int]] = {
        "hand_written": lambda: by_hand(model, prompts, settings),
        "ours": lambda: sum(answer(model, prompts, settings)["tokens"].to_pylist()),
        "kept": lambda: _kept(model, prompts, settings),
    }
    times: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(repeats + 1):
        for name, way in ways.items():
            started = time.perf_counter()
            tokens = way()
            times[name].append(time.perf_counter() - started)
            assert tokens == count * settings.max_tokens
    counted = {name: each[1:] for name, each in times.items()}
    ratios = {
        name: statistics.median(ours / theirs for ours, theirs in zip(counted[name], counted["hand_written"], strict=True))
        for name in ("ours", "kept")
    }
    seconds = {name: round(statistics.median(each), 3) for name, each in counted.items()}
    return {
        "device": torch.cuda.get_device_name() if torch.cuda.is_available() else "cpu",
        "tokens": count * settings.max_tokens,
        "seconds": seconds,
        "tokens_per_second": round(count * settings.max_tokens / seconds["ours"]),
        "ratio": round(ratios["ours"], 3),
        "ratio_kept": round(ratios["kept"], 3),
    }


def _kept(model: Model, prompts: pa.Table, settings: Answer) -> int:
    with tempfile.TemporaryDirectory() as folder:
        return sum(answer(model, prompts, settings, kept=Path(folder))["tokens"].to_pylist())


def by_hand(model: Model, prompts: pa.Table, settings: Answer) -> int:
    """What one writes without Thousand; the number of tokens made."""
    texts = sorted((as_prompt(model, each, settings.plain) for each in prompts["messages"].to_pylist()), key=len)
    drawn = {"do_sample": True, "temperature": settings.temperature, "top_p": settings.top_p, "top_k": 0}
    made = 0
    for start in range(0, len(texts), settings.batch):
        batch = model.tokenizer(texts[start : start + settings.batch], return_tensors="pt", padding=True, add_special_tokens=False)
        with torch.inference_mode():
            output = model.network.generate(
                **batch.to(model.device),
                **(drawn if settings.temperature else {"do_sample": False}),
                repetition_penalty=settings.repetition_penalty,
                max_new_tokens=settings.max_tokens,
                pad_token_id=model.tokenizer.pad_token_id,
            )
        said = output[:, batch["input_ids"].shape[1] :]
        model.tokenizer.batch_decode(said, skip_special_tokens=True)
        made += said.numel()
    return made


if __name__ == "__main__":
    main()
