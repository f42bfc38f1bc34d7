"""How far a step on one example would help with others, by their gradients (LESS, Xia et al. 2024)."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray

from thousand.model.chat import Example
from thousand.model.lora import BETAS, EPSILON, Adapter, Checkpoint

_BLOCK = 2048
"""Weights whose signs are drawn at once: 64 MiB of them for 8,192 dimensions."""


class Projection:
    """A random projection that keeps inner products (Johnson & Lindenstrauss 1984): each entry a sign, by the toss of a coin.

    The inner product of two unit vectors is kept within about ``1 / sqrt(dimensions)``. The signs are drawn anew for each call, some
    rows at a time, so that only one block is held.

    Args:
        size: p, of what is projected.
        dimensions: d, of what comes out.
        seed: of the signs.
    """

    def __init__(self, size: int, dimensions: int, seed: int) -> None:
        self.size, self.dimensions, self.seed = size, dimensions, seed

    def __call__(self, vectors: torch.Tensor) -> torch.Tensor:
        """(m, p) to (m, d). Cost: m p d multiplications, and p d signs whatever m is: give it many at once."""
        found = torch.zeros(len(vectors), self.dimensions, device=vectors.device)
        for block, start in enumerate(range(0, self.size, _BLOCK)):
            part = vectors[:, start : start + _BLOCK]
            found.addmm_(part, self._signs(block, part.shape[1]).to(vectors.device))
        return found.div_(self.dimensions**0.5)

    def _signs(self, block: int, rows: int) -> torch.Tensor:
        count = rows * self.dimensions
        drawn = np.frombuffer(np.random.default_rng([self.seed, block]).bytes(-(-count // 8)), dtype=np.uint8)
        signs = np.unpackbits(drawn, count=count).reshape(rows, self.dimensions).astype(np.float32)
        return torch.from_numpy(signs).mul_(2).sub_(1)


def influence(
    adapter: Adapter,
    checkpoints: Sequence[Checkpoint],
    examples: Sequence[Example],
    wanted: Sequence[Example],
    kinds: NDArray[np.int64],
    projection: Projection | None = None,
) -> NDArray[np.float64]:
    """How much the loss on what is wanted would fall by a step of Adam on each example.

    At each checkpoint the step that Adam would take for an example and the gradient of each wanted example are set to length 1, so that a
    short answer with its large gradient is not preferred. Their inner products are averaged over the wanted examples of a kind
    and over checkpoints, weighted by learning rate; of several kinds the one that is helped most counts.

    Args:
        kinds: (t,) the kind of each wanted example: numbers from 0, none left out.
        projection: in which inner products are taken; None takes the gradients as they are.

    Returns:
        (n,), from -1 to 1.
    """
    of_kind = torch.nn.functional.one_hot(torch.from_numpy(kinds)).float().to(adapter.model.device)
    of_kind /= of_kind.sum(dim=0)
    total = torch.zeros(len(examples), of_kind.shape[1], device=adapter.model.device)
    rates = sum(each.rate for each in checkpoints)
    for checkpoint in checkpoints:
        adapter.restore(checkpoint)
        aims = torch.zeros(of_kind.shape[1], projection.dimensions if projection else adapter.size, device=adapter.model.device)
        for rows, gradients in adapter.gradients(wanted):
            aims += of_kind[rows].T @ _unit(gradients, projection)
        for rows, gradients in adapter.gradients(examples):
            total[rows] += _unit(_step(gradients, checkpoint), projection) @ aims.T * (checkpoint.rate / rates)
    found: NDArray[np.float64] = total.max(dim=1).values.double().cpu().numpy()
    return found


def _step(gradients: torch.Tensor, checkpoint: Checkpoint) -> torch.Tensor:
    """What Adam would move by for each gradient; as in the authors' code without correction, and epsilon under the root."""
    mean = BETAS[0] * checkpoint.mean + (1 - BETAS[0]) * gradients
    square = BETAS[1] * checkpoint.square + (1 - BETAS[1]) * gradients**2
    return mean.div_(square.add_(EPSILON).sqrt_())


def _unit(gradients: torch.Tensor, projection: Projection | None) -> torch.Tensor:
    return torch.nn.functional.normalize(gradients if projection is None else projection(gradients), dim=1)
