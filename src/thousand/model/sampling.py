"""How the next token is drawn: from the nucleus, by noise that belongs to the row alone."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import torch
import transformers


class SeededSampling(transformers.LogitsProcessor):
    """Turns the likeliest token into one sampled from the nucleus, by Gumbel noise that depends on seed, step and token alone.

    The token with the largest log-probability plus Gumbel noise is a draw from the distribution (Gumbel 1954), so greedy
    search over the noised scores samples, and each row's draws are its own. The noise is made where the scores are, from a
    counter (SplitMix64, Steele et al. 2014): it is the same on every device, and none is made for a token that is ruled out.

    Args:
        seeds: one for each row.
        top_p: share of the probability that the nucleus holds (Holtzman et al. 2020).
    """

    def __init__(self, seeds: Sequence[str], top_p: float = 1.0) -> None:
        self._seeds = torch.tensor([[int.from_bytes(hashlib.sha256(seed.encode()).digest()[:8], signed=True)] for seed in seeds])
        self._top_p, self._first, self._step = top_p, 64, 0

    def __call__(self, input_ids: torch.Tensor, scores: torch.Tensor) -> torch.Tensor:
        """The scores, (rows, vocabulary), with each row's noise added, and minus infinity outside the nucleus."""
        likeliest, tokens = self._nucleus(scores)
        noised = likeliest + self._noise(tokens).to(scores)
        self._step += 1
        return torch.full_like(scores, -torch.inf).scatter_(1, tokens, noised)

    def _nucleus(self, scores: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """The fewest tokens that hold the share, and their scores; those beside them, there to make the rows alike, at minus infinity.

        The likeliest few nearly always hold the share, so that the vocabulary need not be sorted; where they do not, more are taken.
        """
        vocabulary = scores.shape[1]
        if self._top_p == 1:
            return scores, torch.arange(vocabulary, device=scores.device).expand_as(scores)
        whole = scores.logsumexp(-1, keepdim=True)
        while True:
            likeliest, tokens = scores.topk(min(self._first, vocabulary))
            shares = (likeliest - whole).exp()
            outside = shares.cumsum(-1) - shares >= self._top_p  # what is likelier holds the share already
            if self._first >= vocabulary or outside[:, -1].all():
                return likeliest.masked_fill(outside, -torch.inf), tokens
            self._first *= 4

    def _noise(self, tokens: torch.Tensor) -> torch.Tensor:
        """For each token of each row; products of integers wrap, and shifts carry the sign, which is masked away."""
        self._seeds = self._seeds.to(tokens.device)
        bits = self._seeds + (tokens + (self._step << 32)) * _GOLDEN
        bits = (bits ^ (bits >> 30 & (1 << 34) - 1)) * _FIRST
        bits = (bits ^ (bits >> 27 & (1 << 37) - 1)) * _SECOND
        bits = bits ^ (bits >> 31 & (1 << 33) - 1)
        uniform = ((bits & (1 << 52) - 1).double() + 0.5) * 2.0**-52  # never 0, never 1
        return -torch.log(-torch.log(uniform))


_GOLDEN, _FIRST, _SECOND = (each - (1 << 64) for each in (0x9E3779B97F4A7C15, 0xBF58476D1CE4E5B9, 0x94D049BB133111EB))
