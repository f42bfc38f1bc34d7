"""Residual dropout: a ramp over depth, on what each sublayer adds to the residual, in training only."""

from __future__ import annotations

import copy

import pytest
import torch

from tests.small import random_network
from thousand.align.dropout import add_residual_dropout
from thousand.errors import RecipeError

FAMILIES = {
    # family: what in a decoder layer is given the residual between attention and MLP
    "llama": "post_attention_layernorm",
    "mistral": "post_attention_layernorm",
    "qwen2": "post_attention_layernorm",
    "qwen3": "post_attention_layernorm",
    "phi3": "post_attention_layernorm",
    "gemma2": "pre_feedforward_layernorm",
    "gemma3_text": "pre_feedforward_layernorm",
    "olmo2": "mlp",
    "olmo3": "mlp",
}
IDS = torch.arange(2, 66).reshape(4, 16)


def residuals(network, family):
    """What goes into the last layer, what stands between its sublayers and what comes out, in one forward pass."""
    seen = {}
    layer = network.model.layers[-1]

    def entered(_module, args, kwargs):
        seen["before"] = (args[0] if args else kwargs["hidden_states"]).detach()

    def between(_module, args, kwargs):
        seen["between"] = (args[0] if args else kwargs["hidden_states"]).detach()

    def left(_module, _args, output):
        seen["after"] = (output if isinstance(output, torch.Tensor) else output[0]).detach()

    hooks = [
        layer.register_forward_pre_hook(entered, with_kwargs=True),
        layer.get_submodule(FAMILIES[family]).register_forward_pre_hook(between, with_kwargs=True),
        layer.register_forward_hook(left),
    ]
    with torch.no_grad():
        network(input_ids=IDS)
    for hook in hooks:
        hook.remove()
    return seen["before"], seen["between"], seen["after"]


def test_rates_rise_linearly_from_nothing_to_the_top():
    network = random_network(layers=4)
    assert add_residual_dropout(network, 0.3) == pytest.approx([0.0, 0.1, 0.2, 0.3])
    assert add_residual_dropout(random_network(layers=1), 0.3) == [0.0]


def test_no_dropout_is_no_hook_in_any_family():
    network = random_network("gpt2", n_embd=32, n_layer=2, n_head=4)
    assert add_residual_dropout(network, 0) == []
    assert not any(module._forward_hooks for module in network.modules())


def test_evaluation_and_what_is_saved_are_untouched():
    plain = random_network()
    hooked = copy.deepcopy(plain)
    add_residual_dropout(hooked, 0.5)
    with torch.no_grad():
        assert torch.equal(plain(input_ids=IDS).logits, hooked(input_ids=IDS).logits)
    assert plain.state_dict().keys() == hooked.state_dict().keys()
    assert all(torch.equal(a, b) for a, b in zip(plain.state_dict().values(), hooked.state_dict().values(), strict=True))


def test_training_differs_and_is_decided_by_the_seed():
    plain = random_network().train()
    hooked = copy.deepcopy(plain)
    add_residual_dropout(hooked, 0.5)

    def logits(network, seed):
        torch.manual_seed(seed)
        with torch.no_grad():
            return network(input_ids=IDS).logits

    assert torch.equal(logits(plain, 0), logits(plain, 1))
    assert not torch.allclose(logits(hooked, 0), logits(plain, 0))
    assert torch.equal(logits(hooked, 0), logits(hooked, 0))
    assert not torch.equal(logits(hooked, 0), logits(hooked, 1))


@pytest.mark.parametrize("family", FAMILIES)
def test_what_is_dropped_is_what_is_added_to_the_residual(family):
    """Each sum that attention adds is either left out or doubled, at a rate of one half: nothing normalises it afterwards."""
    network = random_network(family, layers=2)
    before, between, _ = residuals(network, family)
    whole = between - before
    add_residual_dropout(network, 0.5)  # layer 0: none, so that both passes enter the last layer alike
    torch.manual_seed(0)
    entered, between, after = residuals(network.train(), family)
    assert torch.equal(entered, before)
    added = between - before
    dropped = added == 0
    assert 0.45 < dropped.float().mean() < 0.55
    assert torch.allclose(added[~dropped], 2 * whole[~dropped], atol=1e-6)
    assert 0.45 < (after == between).float().mean() < 0.55


@pytest.mark.parametrize("family", FAMILIES)
def test_at_a_rate_of_one_a_layer_adds_nothing(family):
    network = random_network(family, layers=2)
    before, between, after = residuals(network, family)
    assert not torch.equal(before, between)
    assert not torch.equal(between, after)
    add_residual_dropout(network, 1.0)
    before, between, after = residuals(network.train(), family)
    assert torch.equal(before, between)
    assert torch.equal(between, after)


def test_a_family_whose_place_is_not_known_is_refused_with_those_that_are():
    network = random_network("gpt2", n_embd=32, n_layer=2, n_head=4)
    with pytest.raises(RecipeError, match=r"model of type 'gpt2' is not known\.\s+Set it to 0, or use one of: gemma2, "):
        add_residual_dropout(network, 0.3)
