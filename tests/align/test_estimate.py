"""What a training will take, against what it took: every tensor's memory, PyTorch's own count of operations, the clock."""

from __future__ import annotations

import math
import time
import weakref

import peft
import pytest
import torch
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves
from torch.utils.flop_counter import FlopCounterMode

from tests.align.test_align import FAST, selection
from tests.small import SHIPPED, random_network
from thousand.align import align
from thousand.align.estimate import _operations, estimate
from thousand.model import Conversations, Example, Model, load, prepare
from thousand.model.chat import encode
from thousand.recipe import Align


class Peak(TorchDispatchMode):
    """Counts the bytes of all tensors that are alive."""

    def __init__(self) -> None:
        super().__init__()
        self.alive: dict[int, int] = {}
        self.most = self.now = 0

    def __torch_dispatch__(self, operation, types, args=(), kwargs=None):
        out = operation(*args, **(kwargs or {}))
        for each in tree_leaves(out):
            if isinstance(each, torch.Tensor) and each.untyped_storage()._cdata not in self.alive:
                storage = each.untyped_storage()
                self.alive[storage._cdata] = storage.nbytes()
                self.now += storage.nbytes()
                self.most = max(self.most, self.now)
                weakref.finalize(storage, self.freed, storage._cdata)
        return out

    def freed(self, place: int) -> None:
        self.now -= self.alive.pop(place)


def ready(**changes):
    """The laboratory's base, and twelve rows as it will see them."""
    model = load(SHIPPED)
    prepare(model)
    rows = selection()["messages"].to_pylist()
    return model, encode(model, rows, loss_on="responses", max_tokens=500, too_long="cut"), Align(**FAST | {"steps": 3} | changes)


CASES = {
    "a batch at once": {"batch": 12},
    "a batch in parts": {"batch": 12, "micro_batch": 2},
    "mixed precision": {"batch": 12, "precision": "bfloat16"},
    "activations computed twice": {"batch": 12, "gradient_checkpointing": True},
}


@pytest.mark.parametrize("case", CASES)
def test_the_memory_is_within_a_quarter_of_the_real_peak(case, tmp_path):
    model, conversations, settings = ready(**CASES[case])
    expected = estimate(model, conversations, settings, 3)
    weights = sum(each.numel() for each in model.network.parameters()) * 4
    assert (expected.weights, expected.gradients, expected.moments) == (weights, weights, 2 * weights)
    with Peak() as real:
        align(selection(), SHIPPED, tmp_path / "model", settings)
    assert real.most / 1.25 < expected.peak < real.most * 1.25
    assert expected.fits


def test_an_adapter_learns_little_and_needs_little():
    model, conversations, settings = ready(batch=12)
    whole = estimate(model, conversations, settings, 3)
    adapted = peft.get_peft_model(model.network, peft.LoraConfig(r=2, target_modules="all-linear"))
    small = estimate(Model(model.folder, adapted, model.tokenizer), conversations, settings, 3)
    learning = sum(each.numel() for each in adapted.parameters() if each.requires_grad)
    assert small.gradients == small.moments // 2 == 4 * learning
    assert small.weights == whole.weights + 4 * learning
    assert small.peak < whole.peak
    assert 0.6 < small.operations / whole.operations < 0.8  # no gradients of the weights: two products of three


def test_devices_share_the_work_and_where_they_share_the_model_its_memory():
    model, conversations, settings = ready(batch=12)
    alone, two, sharded = (
        estimate(model, conversations, settings, 3, **how) for how in ({}, {"devices": 2}, {"devices": 2, "sharded": True})
    )
    assert two.weights == alone.weights == 2 * sharded.weights
    assert sharded.moments * 2 == two.moments
    assert 0.4 < two.operations / alone.operations < 0.6
    assert two.activations < 0.7 * alone.activations


FAMILIES = {
    "llama": {},
    "gpt2": {"n_inner": 48},
    "gemma2": {},
    "mixtral": {"num_local_experts": 4, "num_experts_per_tok": 2},
    "qwen3_moe": {"num_experts": 4, "num_experts_per_tok": 2, "moe_intermediate_size": 48},
}


@pytest.mark.parametrize("family", FAMILIES)
def test_operations_are_those_that_pytorch_counts(family):
    network = random_network(family, vocabulary=320, attn_implementation="eager", **FAMILIES[family]).train()
    network.set_experts_implementation("eager")  # the others' products PyTorch does not count
    ids = torch.arange(2, 258).reshape(4, 64)
    with FlopCounterMode(display=False) as real:
        network(input_ids=ids, labels=ids, use_cache=False).loss.backward()
    assert _operations(network, 64) * ids.numel() == pytest.approx(real.get_total_flops(), rel=0.1)


def test_operations_are_six_for_each_weight_and_token_and_eight_where_activations_are_computed_twice():
    network = random_network(layers=2, hidden_size=64, intermediate_size=256)
    weights = sum(each.numel() for name, each in network.named_parameters() if each.ndim > 1 and "embed" not in name)
    assert _operations(network, 1) == pytest.approx(6 * weights, rel=0.02)
    assert _operations(network, 1, recomputed=True) == pytest.approx(8 * weights, rel=0.02)
    assert _operations(network, 1, head=False) == pytest.approx(6 * (weights - 64 * 320), rel=0.02)


def test_the_time_is_of_the_right_order(tmp_path):
    """No more can be asked of a machine that others work on."""
    model, conversations, settings = ready(steps=12)
    expected = estimate(model, conversations, settings, 12)
    times = []
    align(selection(), SHIPPED, tmp_path / "model", settings, progress=lambda *_: times.append(time.monotonic()))
    real = (times[-1] - times[0]) * 12 / 11
    assert expected.seconds is not None
    assert real / 6 < expected.seconds < real * 6


def test_the_model_and_the_draws_to_come_are_left_as_they_were():
    model, conversations, settings = ready()
    before = {name: each.clone() for name, each in model.network.state_dict().items()}
    torch.manual_seed(3)
    expected = torch.rand(3)
    torch.manual_seed(3)
    estimate(model, conversations, settings, 3)
    assert torch.equal(torch.rand(3), expected)
    assert not model.network.training
    assert all(each.grad is None for each in model.network.parameters())
    assert not any(module._forward_hooks or module._forward_pre_hooks for module in model.network.modules())
    assert all(torch.equal(each, before[name]) for name, each in model.network.state_dict().items())


def test_what_is_too_much_is_said_with_what_to_do_and_not_tried():
    model, _, settings = ready(batch=1 << 17)
    many = Conversations([Example([5] * 512, [5] * 512)] * (1 << 17), 0, 0)
    found = estimate(model, many, settings, 3)
    assert not found.fits
    assert found.seconds is None
    assert "That is too much: lower align.micro_batch, set align.gradient_checkpointing, or train an adapter." in found.sentence()
    assert found.sentence().endswith("Time: not known (not measured: there is too little memory).")


def test_the_figures_are_said_in_words():
    model, conversations, settings = ready()
    found = estimate(model, conversations, settings, 30)
    memory, took = found.sentence().splitlines()
    assert memory.startswith(f"Memory: about {found.peak / 1e6:.1f} MB of ")
    assert f"(weights {found.weights / 1e6:.1f} MB, gradients" in memory
    assert took.startswith("Time: about ")
    assert "(30 steps, from one pass over 4 x " in took
    assert math.isfinite(found.seconds)
