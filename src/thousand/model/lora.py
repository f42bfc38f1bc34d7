"""Low-rank adapters (LoRA, Hu et al. 2021): trained briefly, and the gradient of every example by itself."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from thousand.errors import RecipeError
from thousand.model.chat import IGNORED, Example
from thousand.model.likelihood import at_once, batches, only
from thousand.model.load import Model

_FLOATS = 1 << 25
"""Most gradients held at once, in numbers: 128 MiB."""
BETAS, EPSILON = (0.9, 0.999), 1e-8
"""Adam's."""


@dataclass(frozen=True)
class Checkpoint:
    """An adapter at the end of an epoch, with the state of its optimizer.

    Attributes:
        weights: (p,) of the adapter.
        mean, square: (p,) Adam's running means of the gradient and of its square, not corrected for their start at zero.
        rate: mean learning rate of the epoch.
    """

    weights: torch.Tensor
    mean: torch.Tensor
    square: torch.Tensor
    rate: float


class Adapter:
    """A pair of narrow matrices beside every linear layer of a model but the last; nothing else learns.

    Args:
        model: gets the adapter into it, for good.
        rank: width of the pairs.
        alpha: what they give is multiplied by ``alpha / rank``.
        seed: of the weights and of dropout.

    Attributes:
        size: p, the adapter's weights.

    Raises:
        RecipeError: peft is not installed.
    """

    def __init__(self, model: Model, *, rank: int, alpha: float, dropout: float = 0.1, seed: int = 0) -> None:
        try:
            import peft
        except ImportError:
            raise RecipeError("peft is not installed.", "Install it: pip install peft") from None
        config = peft.LoraConfig(r=rank, lora_alpha=alpha, lora_dropout=dropout, target_modules="all-linear")  # type: ignore[arg-type]
        self.model, self._seed = model, seed
        with torch.random.fork_rng(), warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)  # which layers of GPT-2 lie the other way round it finds out, and says so
            torch.manual_seed(seed)
            peft.inject_adapter_in_model(config, model.network)
        self._layers = [
            layer for name, layer in model.network.named_modules() if isinstance(layer, torch.nn.Linear) and ".lora_" in f".{name}"
        ]
        self._weights: list[torch.Tensor] = [layer.weight for layer in self._layers]
        self.size = sum(each.numel() for each in self._weights)

    def train(self, examples: Sequence[Example], *, epochs: int, batch: int, rate: float) -> list[Checkpoint]:
        """Train with Adam, the learning rate falling linearly to zero; a checkpoint for each epoch.

        The loss of an example is the mean over its tokens, that of a batch the mean over its examples.
        """
        optimizer = torch.optim.AdamW(self._weights, lr=rate, betas=BETAS, eps=EPSILON, weight_decay=0.0)
        order = np.random.default_rng(self._seed)
        steps, done = epochs * -(-len(examples) // batch), 0
        checkpoints: list[Checkpoint] = []
        with torch.random.fork_rng():
            torch.manual_seed(self._seed)
            self.model.network.train()
            for _ in range(epochs):
                rates: list[float] = []
                shuffled = order.permutation(len(examples)).tolist()
                for start in range(0, len(examples), batch):
                    rates.append(rate * (1 - done / steps))
                    self._step(optimizer, [examples[row] for row in shuffled[start : start + batch]], rates[-1])
                    done += 1
                mean, square = (_flat([optimizer.state[each][name] for each in self._weights]) for name in ("exp_avg", "exp_avg_sq"))
                checkpoints.append(Checkpoint(_flat(self._weights), mean, square, float(np.mean(rates))))
            self.model.network.eval()
        return checkpoints

    def restore(self, checkpoint: Checkpoint) -> None:
        """Put the weights of a checkpoint back."""
        torch.nn.utils.vector_to_parameters(checkpoint.weights, self._weights)

    def gradients(self, examples: Sequence[Example]) -> Iterator[tuple[NDArray[np.int64], torch.Tensor]]:
        """The gradient of each example's loss in the adapter's weights, some examples at a time.

        One backward pass serves a batch: the gradient of a linear layer's weights is the product of what went in and of the gradient of
        what came out, and that product is made for each example by itself.

        Yields:
            (m,) positions of examples, and their gradients, (m, p). Only one such part is held, and m is at least 1.
        """
        most = max(1, _FLOATS // self.size)
        held: list[int] = []
        found = torch.empty(min(most, len(examples)), self.size, device=self.model.device)
        for whole in batches([len(each.tokens) for each in examples], at_once(self.model)):
            for rows in (whole[start : start + most] for start in range(0, len(whole), most)):
                if len(held) + len(rows) > most:
                    yield np.array(held), found[: len(held)]
                    held = []
                found[len(held) : len(held) + len(rows)] = self._each([examples[row] for row in rows])
                held += rows
        if held:
            yield np.array(held), found[: len(held)]

    def _step(self, optimizer: Any, examples: Sequence[Example], rate: float) -> None:
        for group in optimizer.param_groups:
            group["lr"] = rate
        optimizer.zero_grad()
        for rows in batches([len(each.tokens) for each in examples], at_once(self.model)):
            torch.autograd.backward(self._losses([examples[row] for row in rows]) / len(examples))
        torch.nn.utils.clip_grad_norm_(self._weights, 1.0)
        optimizer.step()

    def _each(self, examples: Sequence[Example]) -> torch.Tensor:
        """(len(examples), p)."""
        passed: list[tuple[int, torch.Tensor, torch.Tensor]] = []

        def note(at: int, _: Any, given: tuple[torch.Tensor], out: torch.Tensor) -> None:
            passed.append((at, given[0].detach(), out))

        hooks = [layer.register_forward_hook(partial(note, at)) for at, layer in enumerate(self._layers)]
        try:
            loss = self._losses(examples)
        finally:
            for hook in hooks:
                hook.remove()
        shape = len(examples), max(len(each.tokens) for each in examples), -1  # some families lay all tokens in one row
        outward = torch.autograd.grad(loss, [out for _, _, out in passed])
        found = [torch.zeros(len(examples), *each.shape, device=self.model.device) for each in self._weights]
        for (at, given, _), back in zip(passed, outward, strict=True):
            found[at] += torch.einsum("bto,bti->boi", back.reshape(shape), given.reshape(shape))
        return torch.cat([each.flatten(1) for each in found], dim=1)

    def _losses(self, examples: Sequence[Example]) -> torch.Tensor:
        """The sum of the examples' losses."""
        width = max(len(each.tokens) for each in examples)
        ids = torch.full((len(examples), width), self.model.tokenizer.pad_token_id)
        labels = torch.full((len(examples), width), IGNORED)
        for row, each in enumerate(examples):
            ids[row, : len(each.tokens)], labels[row, : len(each.tokens)] = torch.tensor(each.tokens), torch.tensor(each.labels)
        learnt = labels[:, 1:] != IGNORED
        shares = (learnt / learnt.sum(dim=1, keepdim=True).clamp(min=1))[learnt].to(self.model.device)
        places = torch.nn.functional.pad(learnt, (0, 1)).flatten().nonzero()[:, 0].to(self.model.device)
        with only(self.model.network, places):
            logits = self.model.network(input_ids=ids.to(self.model.device), use_cache=False).logits[0].float()
        wanted = labels[:, 1:][learnt].to(self.model.device)
        return (torch.nn.functional.cross_entropy(logits, wanted, reduction="none") * shares).sum()


def _flat(tensors: Sequence[torch.Tensor]) -> torch.Tensor:
    return torch.cat([each.detach().flatten() for each in tensors]).clone()
