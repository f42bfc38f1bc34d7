"""The projection keeps inner products; influence is that of its definition."""

import numpy as np
import pytest
import torch

from tests.model.test_lora import gathered, small
from thousand.select import gradients
from thousand.select.gradients import Projection, influence


def units(count, size, seed=0):
    return torch.nn.functional.normalize(torch.randn(count, size, generator=torch.Generator().manual_seed(seed)), dim=1)


def test_inner_products_are_kept_within_the_error_of_the_dimensions():
    vectors = units(12, 5000)
    vectors[6:] = torch.nn.functional.normalize(vectors[:6] + 0.02 * vectors[6:].roll(1, 0) * 40, dim=1)  # some pairs are near
    exact = vectors @ vectors.T
    for dimensions in (256, 2048):
        small_ = Projection(5000, dimensions, seed=0)(vectors)
        assert small_.shape == (12, dimensions)
        error = (small_ @ small_.T - exact).flatten()
        assert error.abs().max() < 4 / dimensions**0.5
        assert error.square().mean().sqrt() < 1.7 / dimensions**0.5


def test_it_is_one_matrix_of_signs_whatever_is_projected_together():
    projection = Projection(3 * gradients._BLOCK + 5, 16, seed=3)
    signs = torch.cat([projection._signs(block, gradients._BLOCK if block < 3 else 5) for block in range(4)])
    assert set(signs.unique().tolist()) == {-1.0, 1.0}
    assert abs(signs.mean()) < 0.02
    vectors = units(5, projection.size)
    torch.testing.assert_close(projection(vectors), vectors @ signs / 4, atol=1e-6, rtol=1e-4)
    torch.testing.assert_close(projection(vectors[2:3]), projection(vectors)[2:3], atol=1e-6, rtol=1e-4)


def test_a_seed_is_a_matrix():
    vectors = units(2, 100)
    first, again, other = (Projection(100, 32, seed)(vectors) for seed in (1, 1, 2))
    assert torch.equal(first, again)
    assert not torch.allclose(first, other)


def definition(adapter, checkpoints, examples, wanted, kinds):
    """LESS, equations 2 to 4, one pair of examples at a time."""
    total = np.zeros((len(examples), len(wanted)))
    for checkpoint in checkpoints:
        adapter.restore(checkpoint)
        aims = gathered(adapter, wanted)
        for row, gradient in enumerate(gathered(adapter, examples)):
            mean = 0.9 * checkpoint.mean + 0.1 * gradient
            square = 0.999 * checkpoint.square + 0.001 * gradient**2
            step = mean / (square + 1e-8) ** 0.5
            for at, aim in enumerate(aims):
                total[row, at] += checkpoint.rate * float(step @ aim / step.norm() / aim.norm())
    total /= sum(each.rate for each in checkpoints)
    return np.stack([total[:, kinds == kind].mean(axis=1) for kind in np.unique(kinds)]).max(axis=0)


@pytest.mark.parametrize("kinds", [[0, 0, 0], [0, 1, 0]])
def test_influence_is_that_of_its_definition(kinds):
    adapter, examples = small()
    checkpoints = adapter.train(examples[:2], epochs=2, batch=1, rate=1e-2)
    of_kind = np.array(kinds)
    expected = definition(adapter, checkpoints, examples, examples[2:], of_kind)
    found = influence(adapter, checkpoints, examples, examples[2:], of_kind)
    assert found == pytest.approx(expected, abs=1e-5)
    projected = influence(adapter, checkpoints, examples, examples[2:], of_kind, Projection(adapter.size, 4096, seed=0))
    assert projected == pytest.approx(expected, abs=4 / 64)
