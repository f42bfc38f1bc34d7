"""What a training will take, said before it begins: the memory by parts, and the time by measuring a little of it.

Mixed precision with Adam keeps weights, gradients and two moments of every number that learns (Rajbhandari et al. 2020, section 3).
What the forward pass saves for the backward pass is measured on some tokens of the model itself, for each family saves other
things, and grows with the rows and the length; with gradient checkpointing it is the layers' inputs and one layer's share (Chen et
al. 2016). The work is counted as 2 operations per weight and token forward and 4 backward (Kaplan et al. 2020, section 2.1).
"""

from __future__ import annotations

import math
import os
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, nullcontext, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch

from thousand.model import Conversations, Model
from thousand.model.likelihood import only
from thousand.recipe import Align

_PROBE = 256
"""Tokens of a row in the longest of the three passes from which the growth of the activations is known."""
_TILE = (4096, 32768)
"""Tokens and words of which TRL has logits at once."""


@dataclass(frozen=True)
class Estimate:
    """What a training is expected to take, on each of its devices.

    Attributes:
        weights, gradients, moments: bytes of the model, of what it learns by, and of Adam's two means.
        activations: bytes that the longest micro-batch saves for its backward pass. logits: of the part of them held at once.
        peak: bytes of what exists at one time. available: of the device, or of the machine where there is none.
        operations: floating-point operations of the whole training. seconds: it takes; None where that was not measured.
        known: how the time is known, or why not.
    """

    weights: int
    gradients: int
    moments: int
    activations: int
    logits: int
    peak: int
    available: int
    operations: float
    seconds: float | None
    known: str

    @property
    def fits(self) -> bool:
        """Whether there is enough memory."""
        return self.peak <= self.available

    def sentence(self) -> str:
        """The figures in words."""
        parts = ", ".join(f"{name} {_size(getattr(self, name))}" for name in ("weights", "gradients", "moments", "activations", "logits"))
        enough = "" if self.fits else " That is too much: lower align.micro_batch, set align.gradient_checkpointing, or train an adapter."
        took = "not known" if self.seconds is None else f"about {_duration(self.seconds)}"
        return f"Memory: about {_size(self.peak)} of {_size(self.available)} ({parts}).{enough}\nTime: {took} ({self.known})."


def estimate(
    model: Model, conversations: Conversations, settings: Align, steps: int, *, devices: int = 1, sharded: bool = False
) -> Estimate:
    """Measure a little of a training and say what the whole will take.

    The model is left as it was. What is saved to disk and answered on the way is not in the time.

    Args:
        model: as it will be trained: adapters and dropout in place, gradient checkpointing not switched on yet.
        devices: that share each batch. sharded: whether they share the model, too (FSDP, ZeRO-3).
    """
    network, checkpointing = model.network, settings.gradient_checkpointing
    lengths = [len(each.tokens) for each in conversations.examples]
    rows = min(max(1, (settings.micro_batch or settings.batch) // devices), len(lengths))
    share = devices if sharded else 1
    weights = _bytes(network.parameters()) // share
    gradients = _bytes(each for each in network.parameters() if each.requires_grad) // share
    activations = _activations(model, settings, rows, max(lengths))
    logits = _logits(model, settings, rows * max(lengths))
    # Of a batch in one pass the gradients come as the activations go; of a batch in several they stay.
    several = rows * devices < min(settings.batch, len(lengths))
    beside = activations + logits + gradients if several else max(activations + logits, gradients)
    on = torch.device("cuda") if sharded and torch.cuda.is_available() else model.device
    peak, available = weights + 2 * gradients + beside, _available(on)

    passes = _passes(lengths, rows)
    work = [count * width * _operations(network, width, recomputed=checkpointing) for count, width in passes]
    operations = sum(work) / devices * steps / math.ceil(len(lengths) / settings.batch)
    count, width = passes[int(np.argsort(work)[len(work) // 2])]
    took = _time(model, settings, count, width) if peak <= available and not sharded else None
    seconds, known = None, "not measured: " + ("the weights are not on their devices yet" if sharded else "there is too little memory")
    if took is not None:
        seconds = operations * took / (count * width * _operations(network, width, head=False))
        known = f"{steps:,} steps, from one pass over {count:,} x {width:,} tokens in {took:.3g} s"
    return Estimate(weights, gradients, 2 * gradients, activations, logits, peak, available, operations, seconds, known)


def _bytes(weights: Iterable[torch.Tensor]) -> int:
    return sum(each.numel() * each.element_size() for each in weights)


def _activations(model: Model, settings: Align, rows: int, width: int) -> int:
    """Bytes that a pass saves: a constant, and for each row a part that grows with its length and one with its square."""
    probes = [min(_PROBE, model.context) // part for part in (4, 2, 1)]
    saved = [float(_saved(model, settings, each)) for each in probes]
    constant, *by_row = np.linalg.solve([[1, 2 * each, 2 * each**2] for each in probes], saved)
    grown = rows * (by_row[0] * width + by_row[1] * width**2)
    if settings.gradient_checkpointing:
        config = model.network.config.get_text_config()
        kept = rows * width * config.hidden_size * model.network.get_input_embeddings().weight.element_size()
        grown = kept * config.num_hidden_layers + grown / config.num_hidden_layers
    return max(0, round(float(constant + grown)))


def _saved(model: Model, settings: Align, width: int) -> int:
    """Bytes that a pass over two rows saves, but for the weights themselves."""
    own = {each.untyped_storage().data_ptr() for each in (*model.network.parameters(), *model.network.buffers())}
    saved: dict[int, torch.Tensor] = {}  # held, so that no place in memory is used twice

    def keep(tensor: torch.Tensor) -> torch.Tensor:
        if tensor.untyped_storage().data_ptr() not in own:
            saved[tensor.untyped_storage().data_ptr()] = tensor
        return tensor

    with _in_training(model, settings), torch.autograd.graph.saved_tensors_hooks(keep, lambda tensor: tensor):
        _forward(model, 2, width)
    return sum(each.untyped_storage().nbytes() for each in saved.values())


def _logits(model: Model, settings: Align, tokens: int) -> int:
    """Bytes of the tile of logits that TRL's loss works on: one on a GPU, some eight where plain PyTorch does it."""
    words = model.network.get_output_embeddings().weight.shape[0]
    size = 2 if settings.precision == "bfloat16" else 4
    return int(min(tokens, _TILE[0]) * min(words, _TILE[1]) * (size if model.device.type == "cuda" else size + 28))


def _passes(lengths: Sequence[int], rows: int) -> list[tuple[int, int]]:
    """The micro-batches of an epoch in some random order, each padded to its longest: (rows, width)."""
    order = np.random.default_rng(0).permutation(np.array(lengths))
    return [(len(some), int(some.max())) for some in (order[i : i + rows] for i in range(0, len(order), rows))]


def _operations(network: Any, width: int, *, recomputed: bool = False, head: bool = True) -> float:
    """Floating-point operations for a token of a row so wide, forward and backward: of every product with a weight, and attention."""
    config = network.config.get_text_config()
    forward = learning = 0.0
    for name, module in network.named_modules():
        if isinstance(module, torch.nn.Embedding) or (not head and module is network.get_output_embeddings()):
            continue
        for weight in module.parameters(recurse=False):
            shape = getattr(getattr(weight, "quant_state", None), "shape", weight.shape)  # as it was before it was quantised
            if len(shape) > 1:
                used = math.prod(shape) * (_used_experts(config) if ".experts" in name else 1.0)
                forward += 2 * used
                learning += 2 * used * weight.requires_grad
    heads = config.num_attention_heads * (getattr(config, "head_dim", None) or config.hidden_size // config.num_attention_heads)
    attention = 4.0 * config.num_hidden_layers * heads * width
    return float(forward * (2 + recomputed) + learning + attention * (3 + recomputed))


def _used_experts(config: Any) -> float:
    """The share of a mixture's experts that a token goes through."""
    experts = next((getattr(config, name) for name in ("num_local_experts", "num_experts") if getattr(config, name, None)), 1)
    return float(getattr(config, "num_experts_per_tok", 1) or 1) / experts


def _time(model: Model, settings: Align, rows: int, width: int) -> float | None:
    """Seconds of one pass, forward and backward, after one that only warms up; None where a device has too little memory for it."""
    took = None
    for count in (1, rows):
        with _in_training(model, settings), suppress(torch.OutOfMemoryError):
            started = _now(model)
            _forward(model, count, width).float().logsumexp(-1).mean().backward()
            took = _now(model) - started
            continue
        return None
    return took


def _now(model: Model) -> float:
    """When all that was asked of the device is done."""
    if model.device.type == "cuda":
        torch.cuda.synchronize(model.device)
    return time.perf_counter()


def _forward(model: Model, rows: int, width: int) -> torch.Tensor:
    """The logits of the last places alone, of rows the first of which has some padding."""
    ids = torch.full((rows, width), model.tokenizer.eos_token_id, device=model.device)
    mask = torch.ones_like(ids)
    mask[0, -1] = 0  # without any, transformers leaves the mask away and attention takes another way
    with only(model.network, torch.arange(1, rows + 1, device=model.device) * width - 1):
        logits: torch.Tensor = model.network(input_ids=ids, attention_mask=mask, use_cache=False).logits
    return logits


@contextmanager
def _in_training(model: Model, settings: Align) -> Iterator[None]:
    """As the trainer passes through a model; afterwards it is as before, and so are the draws to come."""
    device = model.device.type
    was = model.network.training
    model.network.train()
    mixed = torch.autocast(device, torch.bfloat16) if settings.precision == "bfloat16" else nullcontext()
    try:
        with torch.random.fork_rng(devices=[model.device] if device == "cuda" else []), mixed:
            yield
    finally:
        model.network.train(was)
        model.network.zero_grad(set_to_none=True)


def _available(device: torch.device) -> int:
    """Bytes of a device's memory, or of the machine's, which a container may have less of."""
    if device.type == "cuda":
        return int(torch.cuda.get_device_properties(device).total_memory)
    whole = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    limit = Path("/sys/fs/cgroup/memory.max")
    allowed = limit.read_text(encoding="ascii").strip() if limit.is_file() else ""
    return min(whole, int(allowed)) if allowed.isdigit() else whole


def _size(count: int) -> str:
    return f"{count / 1e9:,.1f} GB" if count >= 1e8 else f"{count / 1e6:,.1f} MB"


def _duration(seconds: float) -> str:
    if seconds < 100:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 6000 else f"{seconds / 3600:.1f} h"
