"""Which example is learnt from when, and by which process: the same batches whatever the number of processes."""

from __future__ import annotations

import math
from collections.abc import Iterator

import torch


class Order(torch.utils.data.Sampler[int]):
    """An epoch's examples in random order, in micro-batches that are dealt out equally among the processes.

    A micro-batch that cannot be, such as a last one with fewer examples, is filled up with a row that has no label and so no part
    in the loss; its number is that after the last example's. Most trainers fill up with other examples and learn from them twice.

    Attributes:
        share: rows of a micro-batch for one process.
        epoch: the one that comes next, from 0; to be set before each.
        steps: of the whole training. steps_per_epoch: optimizer steps in a whole one.
    """

    def __init__(self, examples: int, *, batch: int, micro_batch: int, steps: int, processes: int, seed: int) -> None:
        """Deal out examples.

        Args:
            batch, micro_batch: examples in one, over all processes.
            steps: of the whole training, which may end within an epoch.
        """
        self.examples, self.micro_batch, self.seed, self.epoch = examples, micro_batch, seed, 0
        self.share = math.ceil(micro_batch / processes)
        self._width = self.share * processes if processes > 1 else 0
        self._per_epoch = math.ceil(examples / micro_batch)
        self._per_step = batch // micro_batch
        self.steps, self.steps_per_epoch = steps, math.ceil(examples / batch)

    def __len__(self) -> int:
        return self._per_epoch * self._width or self.examples

    def __iter__(self) -> Iterator[int]:
        generator = torch.Generator().manual_seed(self.seed + self.epoch)
        order = torch.randperm(self.examples, generator=generator).tolist()
        # A training that goes on from its very end finds no batch left: it would take one step too many.
        left = (self.steps - self.epoch * self.steps_per_epoch) * self._per_step
        for number in range(min(self._per_epoch, left)):
            part = order[number * self.micro_batch : (number + 1) * self.micro_batch]
            yield from part
            yield from [self.examples] * (self._width - len(part))
