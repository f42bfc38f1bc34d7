"""Small real parts for tests: the shipped base, a laboratory of a few rows, random models of every family."""

from __future__ import annotations

import functools
import json
from pathlib import Path
from typing import Any

import tokenizers
import torch
import transformers

import thousand.lab
from thousand.lab.build import write_pool
from thousand.lab.oracle import save_prompts
from thousand.lab.pool import make_pool
from thousand.lab.prompts import make_prompts
from thousand.lab.world import World, make_world
from thousand.model import Model, load

SHIPPED = Path(thousand.lab.__file__).parent / "shipped"
STORIES = Path(__file__).parents[1] / ".." / "shared" / "data" / "models" / "stories260K"


@functools.cache
def world(seed: int = 7) -> World:
    return make_world(seed)


@functools.cache
def shipped() -> Model:
    """The laboratory's base, loaded once: for tests that only ask it."""
    return load(SHIPPED)


def asked(question: str) -> str:
    """A prompt as the base has seen it in pretraining."""
    return f"<|endoftext|>Question: {question} Answer:"


def laboratory(folder: Path, *, rows: int = 200, prompts: int = 4) -> Path:
    """A laboratory with a few rows and prompts, and the shipped base beside them."""
    folder.mkdir(parents=True, exist_ok=True)
    write_pool(folder / "pool.jsonl", make_pool(world(), 0, rows)[0])
    some = make_prompts(world())[:prompts]
    lines(folder / "prompts.jsonl", *({"id": each.prompt_id, "prompt": each.text} for each in some))
    world().save(folder / "world.json")
    save_prompts(folder / "world.json", some)
    return folder


def lines(path: Path, *rows: Any) -> Path:
    """A file of JSON Lines; a text stands there as it is."""
    path.write_text("".join((row if isinstance(row, str) else json.dumps(row)) + "\n" for row in rows), encoding="utf-8")
    return path


def chat(*turns: str) -> list[dict[str, str]]:
    """Turns of user and assistant, the user first."""
    return [{"role": "assistant" if i % 2 else "user", "content": turn} for i, turn in enumerate(turns)]


def random_network(family: str = "llama", *, layers: int = 3, vocabulary: int = 320, **changes: Any) -> Any:
    """A model of a family as transformers builds it, with random weights of a fixed seed."""
    shape = {
        "vocab_size": vocabulary,
        "hidden_size": 32,
        "intermediate_size": 48,
        "num_hidden_layers": layers,
        "num_attention_heads": 4,
        "num_key_value_heads": 2,
        "head_dim": 8,
        "max_position_embeddings": 128,
        "pad_token_id": 1,
        "bos_token_id": 0,
        "eos_token_id": 0,
    }
    config = transformers.AutoConfig.for_model(family, **shape | changes)
    torch.manual_seed(0)
    return transformers.AutoModelForCausalLM.from_config(config).eval()


def byte_tokenizer(*specials: str) -> Any:
    """A byte-level tokenizer of 256 bytes and some special tokens, the first of them its end of text; no pad token."""
    alphabet = tokenizers.pre_tokenizers.ByteLevel.alphabet()
    bpe = tokenizers.Tokenizer(tokenizers.models.BPE())
    bpe.pre_tokenizer = tokenizers.pre_tokenizers.ByteLevel(add_prefix_space=False)
    bpe.decoder = tokenizers.decoders.ByteLevel()
    trainer = tokenizers.trainers.BpeTrainer(
        vocab_size=256 + len(specials), special_tokens=list(specials), initial_alphabet=alphabet, show_progress=False
    )
    bpe.train_from_iterator(iter([]), trainer)
    return transformers.PreTrainedTokenizerFast(tokenizer_object=bpe, bos_token=specials[0], eos_token=specials[0], padding_side="left")
