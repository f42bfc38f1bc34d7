"""How the next token is drawn: the exact nucleus, and noise that is each row's own."""

from __future__ import annotations

import numpy as np
import scipy.stats
import torch
import transformers
from hypothesis import given, settings
from hypothesis import strategies as st

from thousand.model.sampling import SeededSampling


@given(st.integers(0, 10_000), st.sampled_from([3, 64, 65, 500, 2048]), st.floats(0.05, 0.99), st.sampled_from([0.0, 0.2, 1.0, 4.0]))
@settings(deadline=None, max_examples=60)
def test_the_nucleus_is_that_of_transformers(seed, vocabulary, top_p, spread):
    torch.manual_seed(seed)
    scores = torch.randn(5, vocabulary) * spread + torch.linspace(0, 1e-3, vocabulary)  # no ties
    noise = SeededSampling("abcde")(None, torch.zeros_like(scores))
    ours, theirs = SeededSampling("abcde", top_p)(None, scores), transformers.TopPLogitsWarper(top_p)(None, scores) + noise
    different = ours.isfinite() != theirs.isfinite()
    assert torch.equal(ours[~different], theirs[~different])
    assert different.sum(1).max() <= 1 + vocabulary // 1000  # rounding decides on a token at the edge
    assert ours.isfinite().any(1).all()


def test_a_row_has_the_same_noise_beside_any_others_and_another_at_every_step():
    scores = torch.zeros(3, 200)
    together = SeededSampling(["a", "b", "c"])
    alone = SeededSampling(["b"])
    steps = [(together(None, scores)[1], alone(None, scores[:1])[0]) for _ in range(3)]
    assert all(torch.equal(one, other) for one, other in steps)
    assert not torch.equal(steps[0][0], steps[1][0])


def test_a_tokens_noise_does_not_depend_on_which_others_are_ruled_out():
    scores = torch.zeros(1, 100)
    some = scores.clone()
    some[0, ::3] = -torch.inf
    whole, part = SeededSampling(["a"])(None, scores), SeededSampling(["a"])(None, some)
    assert torch.equal(whole[some.isfinite()], part[some.isfinite()])
    assert torch.equal(part.isfinite(), some.isfinite())


def test_the_noise_is_gumbels_and_steps_tokens_and_seeds_are_independent():
    sampling = SeededSampling([f"{i}" for i in range(40)])
    noise = np.stack([sampling(None, torch.zeros(40, 50)).numpy() for _ in range(10)])  # (steps, seeds, tokens)
    assert scipy.stats.kstest(noise.ravel(), scipy.stats.gumbel_r.cdf).pvalue > 1e-3
    for axis in range(3):
        first, second = np.moveaxis(noise, axis, 0)[:-1].ravel(), np.moveaxis(noise, axis, 0)[1:].ravel()
        assert abs(np.corrcoef(first, second)[0, 1]) < 4 / np.sqrt(first.size)
