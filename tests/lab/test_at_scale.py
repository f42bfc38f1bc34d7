"""The plan of the laboratory at scale: a recipe that can be read, of the paper's proportions, and bases of the sizes they are named by."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path

import pytest
import torch
import transformers

from thousand.recipe import load

PLAN = Path(__file__).parents[2] / "benchmarks" / "laboratory_at_scale" / "plan.py"


@pytest.fixture(scope="module")
def plan():
    spec = importlib.util.spec_from_file_location("plan", PLAN)
    module = sys.modules[spec.name] = importlib.util.module_from_spec(spec)  # dataclasses look their module up
    spec.loader.exec_module(module)
    yield module
    del sys.modules[spec.name]


@pytest.mark.parametrize("scale", ["full", "rehearsal"])
def test_the_recipe_is_one(plan, scale, tmp_path):
    sizes = plan.SCALES[scale]
    (tmp_path / "study.yaml").write_text(plan.recipe(sizes, tmp_path / "lab"), encoding="utf-8")
    recipe = load(tmp_path / "study.yaml")
    assert list(recipe.bases) == list(sizes.bases)
    assert recipe.seeds == sizes.seeds
    assert [arm.budget for arm in recipe.arms.values()] == [sizes.few, sizes.few, sizes.many, sizes.many, None, None]
    assert recipe.training(recipe.claim).steps == sizes.steps
    assert recipe.training(f"random-{sizes.many}-one-epoch").steps is None


def test_the_proportions_are_the_papers(plan):
    full = plan.SCALES["full"]
    assert (full.few, full.many, full.seeds) == (1_000, 52_000, 5)
    assert full.pool >= full.many
    assert full.steps == pytest.approx(15 * full.few / 32, rel=0.03)


def test_bases_have_about_the_parameters_of_their_names(plan):
    for name, settings in plan.SCALES["full"].bases.items():
        config = transformers.LlamaConfig(
            vocab_size=settings.vocabulary,
            hidden_size=settings.width,
            num_hidden_layers=settings.layers,
            num_attention_heads=settings.heads,
            num_key_value_heads=settings.heads,
            intermediate_size=settings.feed_forward,
            tie_word_embeddings=True,
        )
        with torch.device("meta"):
            parameters = sum(each.numel() for each in transformers.LlamaForCausalLM(config).parameters())
        assert parameters == pytest.approx(1e6 * int(name.removesuffix("M")), rel=0.15), name
