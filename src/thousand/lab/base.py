"""Pretraining of the laboratory's base model: a byte-level BPE tokenizer and a small Llama, from the corpus of a world."""

from __future__ import annotations

import itertools
import json
import math
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import tokenizers
import torch
import transformers
from numpy.typing import NDArray

from thousand.lab.corpus import documents
from thousand.lab.world import World

END_OF_TEXT, PAD, RESERVED = "<|endoftext|>", "<|pad|>", "<|reserved_0|>"
"""The base never sees the reserved token: it is there for alignment to use as its end of turn, as in other base models."""


@dataclass(frozen=True)
class Pretraining:
    """How the base is made. Tokens are counted as trained on, one pass; ``sampled`` are the documents that the tokenizer is made from."""

    seed: int = 0
    tokens: int = 3_000_000
    vocabulary: int = 2048
    sampled: int = 20_000
    width: int = 160
    layers: int = 4
    heads: int = 5
    feed_forward: int = 432
    context: int = 512
    sequence: int = 128
    batch: int = 16
    learning_rate: float = 2e-3
    warmup: int = 50


SIZES: Mapping[str, Pretraining] = {"small": Pretraining(width=128, layers=3, heads=4, feed_forward=352)}
"""Bases beside the shipped one, by name: half its parameters, on the same text, and no fact less."""


def train_tokenizer(texts: Iterator[str], vocabulary: int) -> transformers.PreTrainedTokenizerFast:
    """Byte-level BPE. A space before every text, so that a name has the same tokens at the start of a sentence."""
    bpe = tokenizers.Tokenizer(tokenizers.models.BPE())
    bpe.pre_tokenizer = tokenizers.pre_tokenizers.ByteLevel(add_prefix_space=True)
    bpe.decoder = tokenizers.decoders.ByteLevel()
    trainer = tokenizers.trainers.BpeTrainer(
        vocab_size=vocabulary,
        special_tokens=[END_OF_TEXT, PAD, RESERVED],
        initial_alphabet=tokenizers.pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    bpe.train_from_iterator(texts, trainer)
    return transformers.PreTrainedTokenizerFast(
        tokenizer_object=bpe, bos_token=END_OF_TEXT, eos_token=END_OF_TEXT, pad_token=PAD, model_max_length=512
    )


def pretrain(
    world: World, folder: Path, settings: Pretraining | None = None, progress: Callable[[int, int, float], None] | None = None
) -> dict[str, object]:
    """Train the base of a world and save it as a transformers folder with ``pretraining.json``, its manifest, written last.

    On a GPU it is trained there, in bfloat16 autocast.

    Args:
        progress: called with (step, steps, loss) as training goes on.

    Returns:
        The manifest: world seed, settings, versions, last loss, seconds.
    """
    settings = settings or Pretraining()
    started = time.monotonic()
    texts = documents(world, settings.seed)
    tokenizer = train_tokenizer(itertools.islice(documents(world, settings.seed + 1), settings.sampled), settings.vocabulary)
    stream = _tokens(texts, tokenizer, settings.tokens + 1)
    model = _model(tokenizer, settings)
    loss = _train(model, stream, settings, progress)
    folder.mkdir(parents=True, exist_ok=True)
    transformers.utils.logging.disable_progress_bar()
    model.to("cpu", torch.bfloat16).save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    manifest: dict[str, object] = {
        "made_by": "thousand lab build",
        "world_seed": world.seed,
        "entities": len(world.entities["town"]),
        "settings": asdict(settings),
        "parameters": sum(p.numel() for p in model.parameters()),
        "last_loss": round(loss, 4),
        "seconds": round(time.monotonic() - started, 1),
        "versions": {"torch": torch.__version__, "transformers": transformers.__version__, "tokenizers": tokenizers.__version__},
    }
    (folder / "pretraining.json").write_text(json.dumps(manifest, indent=1) + "\n", encoding="utf-8")
    return manifest


def _tokens(texts: Iterator[str], tokenizer: transformers.PreTrainedTokenizerFast, count: int) -> NDArray[np.int64]:
    """The first ``count`` tokens of the documents, each ended by the end-of-text token."""
    end = int(tokenizer.get_vocab()[END_OF_TEXT])
    pieces: list[int] = []
    while len(pieces) < count:
        batch: list[list[int]] = tokenizer(list(itertools.islice(texts, 2000)), add_special_tokens=False)["input_ids"]
        for ids in batch:
            pieces += [*ids, end]
    return np.array(pieces[:count], dtype=np.int64)


def _model(tokenizer: transformers.PreTrainedTokenizerFast, settings: Pretraining) -> Any:
    torch.manual_seed(settings.seed)
    config = transformers.LlamaConfig(
        vocab_size=settings.vocabulary,
        hidden_size=settings.width,
        num_hidden_layers=settings.layers,
        num_attention_heads=settings.heads,
        num_key_value_heads=settings.heads,
        intermediate_size=settings.feed_forward,
        max_position_embeddings=settings.context,
        tie_word_embeddings=True,
        bos_token_id=tokenizer.bos_token_id,
        eos_token_id=tokenizer.eos_token_id,
        pad_token_id=tokenizer.pad_token_id,
    )
    network: Any = transformers.LlamaForCausalLM(config)
    return network.to("cuda" if torch.cuda.is_available() else "cpu")


def _train(
    model: Any,
    stream: NDArray[np.int64],
    settings: Pretraining,
    progress: Callable[[int, int, float], None] | None,
) -> float:
    steps = settings.tokens // (settings.sequence * settings.batch)
    windows = torch.from_numpy(stream[: steps * settings.sequence * settings.batch]).view(-1, settings.sequence)
    order = torch.from_numpy(np.random.default_rng(settings.seed).permutation(len(windows)))
    decayed = [p for p in model.parameters() if p.ndim > 1]
    others = [p for p in model.parameters() if p.ndim <= 1]
    optimizer = torch.optim.AdamW(
        [{"params": decayed, "weight_decay": 0.1}, {"params": others, "weight_decay": 0.0}],
        lr=settings.learning_rate,
        betas=(0.9, 0.95),
        fused=True,
    )
    model.train()
    device = model.device.type
    recent = 0.0
    for step in range(steps):
        rate = min(1.0, (step + 1) / settings.warmup) * (0.05 + 0.475 * (1 + math.cos(math.pi * step / steps)))
        for group in optimizer.param_groups:
            group["lr"] = settings.learning_rate * rate
        ids = windows[order[step * settings.batch : (step + 1) * settings.batch]].to(device)
        with torch.autocast(device, torch.bfloat16, enabled=device != "cpu"):  # on these CPUs it is slower
            logits = model(input_ids=ids).logits.float()
        loss = torch.nn.functional.cross_entropy(logits[:, :-1].flatten(0, 1), ids[:, 1:].flatten())
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        recent = loss.item() if step == 0 else 0.98 * recent + 0.02 * loss.item()
        if progress:
            progress(step + 1, steps, recent)
    return recent
