"""What a recipe sets reaches the trainer, and what the trainer does by itself is held in check."""

from __future__ import annotations

import json
import sys
import warnings

import pytest
import torch

from tests.align.test_align import FAST, same, selection, weights
from tests.small import SHIPPED
from thousand.align import align
from thousand.errors import RecipeError
from thousand.model import load
from thousand.recipe import Align

RAMP = FAST | {"residual_dropout": 0.3, "steps": 4}


def test_activations_computed_twice_change_no_loss_dropout_included(tmp_path):
    with warnings.catch_warnings():
        warnings.simplefilter("error", FutureWarning)
        kept, twice = (
            align(selection(), SHIPPED, tmp_path / str(again), Align(**RAMP, micro_batch=2, gradient_checkpointing=again), seed=1)
            for again in (False, True)
        )
    assert [loss for _, loss in twice.losses] == pytest.approx([loss for _, loss in kept.losses], abs=1e-6)
    assert [norm for _, norm in twice.gradient_norms] == pytest.approx([norm for _, norm in kept.gradient_norms], abs=1e-5)


@pytest.fixture
def dtypes(monkeypatch):
    """What the first sublayer gave in training."""
    seen = set()

    def watched(*arguments, **options):
        model = load(*arguments, **options)
        model.network.model.layers[0].mlp.down_proj.register_forward_hook(lambda *given: seen.add(given[-1].dtype))
        return model

    monkeypatch.setattr(sys.modules["thousand.align.align"], "load", watched)
    return seen


@pytest.mark.parametrize("precision", ["float32", "bfloat16"])
def test_half_precision_is_of_the_computing_and_not_of_the_weights(tmp_path, dtypes, precision):
    aligned = align(selection(), SHIPPED, tmp_path / "model", Align(**RAMP, precision=precision), seed=1)
    assert dtypes == {getattr(torch, precision)}
    assert {each.dtype for each in weights(tmp_path / "model").values()} == {torch.float32}
    assert aligned.losses[-1][1] < aligned.losses[0][1]


def test_noise_on_the_embeddings_is_decided_by_the_seed(tmp_path):
    settings = Align(**FAST, steps=2, neftune=5)
    for name in "ab":
        align(selection(), SHIPPED, tmp_path / name, settings, seed=1)
    align(selection(), SHIPPED, tmp_path / "none", Align(**FAST, steps=2), seed=1)
    assert same(weights(tmp_path / "a"), weights(tmp_path / "b"))
    assert not same(weights(tmp_path / "a"), weights(tmp_path / "none"))


def test_every_step_has_its_loss_and_its_gradient_norm(tmp_path):
    aligned = align(selection(1), SHIPPED, tmp_path / "model", Align(**FAST, epochs=110), seed=1)
    assert [step for step, _ in aligned.losses] == [step for step, _ in aligned.gradient_norms] == list(range(1, 111))


def test_a_training_that_comes_apart_is_said_at_once(tmp_path):
    settings = Align(**FAST | {"learning_rate": 1e30, "final_learning_rate": 1.0}, epochs=5)
    with pytest.raises(RecipeError, match=r"at step \d the loss is .*(nan|inf)") as raised:
        align(selection(), SHIPPED, tmp_path / "model", settings, seed=1)
    assert "Lower learning_rate" in raised.value.remedy
    assert not (tmp_path / "model" / "model.safetensors").exists()


def test_the_model_is_saved_to_remember_what_it_has_read_as_its_base_was(tmp_path):
    align(selection(), SHIPPED, tmp_path / "model", Align(**FAST, steps=1), seed=1)
    base, model = (json.loads((folder / "config.json").read_text()).get("use_cache", True) for folder in (SHIPPED, tmp_path / "model"))
    assert model == base
