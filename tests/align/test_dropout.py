"""Residual dropout: a ramp over depth, on what each sublayer adds to the residual, in training only."""

from __future__ import annotations

import copy
import functools
import itertools

import pytest
import torch

from tests.align.families import FAMILIES, PARALLEL, network_of, seeing
from tests.small import random_network
from thousand.align.dropout import add_residual_dropout, check_residual_dropout
from thousand.errors import RecipeError

BETWEEN = {
    # what in a decoder layer is given the residual between attention and MLP, where that is not the usual norm
    "gemma2": "pre_feedforward_layernorm",
    "gemma3_text": "pre_feedforward_layernorm",
    "olmo2": "mlp",
    "olmo3": "mlp",
    "gpt2": "ln_2",
}
EVERY = [*FAMILIES, "olmo", "smollm3", "stablelm", "stablelm parallel"]
IDS = torch.arange(2, 66).reshape(4, 16)


def layers_of(network):
    decoder = network.get_decoder()
    return getattr(decoder, "layers", None) or decoder.h


def tensor(given):
    return (given if isinstance(given, torch.Tensor) else given[0]).detach()


def residuals(network, name):
    """What goes into the last layer, what stands between its sublayers and what comes out, in one forward pass."""
    seen = {}
    layer = layers_of(network)[-1]

    def entered(what, _module, args, kwargs):
        seen[what] = (args[0] if args else kwargs["hidden_states"]).detach()

    hooks = [
        layer.register_forward_pre_hook(functools.partial(entered, "before"), with_kwargs=True),
        layer.register_forward_hook(lambda _module, _args, output: seen.update(after=tensor(output))),
    ]
    if name not in PARALLEL:
        between = layer.get_submodule(BETWEEN.get(name, "post_attention_layernorm"))
        hooks.append(between.register_forward_pre_hook(functools.partial(entered, "between"), with_kwargs=True))
    with torch.no_grad():
        network(input_ids=IDS)
    for hook in hooks:
        hook.remove()
    return [seen[each] for each in ("before", "between", "after") if each in seen]


def gradients(network, seed=0, **options):
    """Loss and gradients of one training step."""
    network.train()
    torch.manual_seed(seed)
    loss = network(input_ids=IDS, labels=IDS, **options).loss
    loss.backward()
    return loss.item(), {name: each.grad for name, each in network.named_parameters() if each.grad is not None}


def same(some, others):
    """Equal losses and gradients, to the bit."""
    return (
        some[0] == others[0] and some[1].keys() == others[1].keys() and all(torch.equal(some[1][name], others[1][name]) for name in some[1])
    )


@pytest.mark.parametrize("name", EVERY)
def test_rates_rise_linearly_from_nothing_to_the_top(name):
    assert add_residual_dropout(network_of(name, layers=4), 0.3) == pytest.approx([0.0, 0.1, 0.2, 0.3])


def test_a_single_layer_is_the_first_and_has_none():
    assert add_residual_dropout(random_network(layers=1), 0.3) == [0.0]


@pytest.mark.parametrize("name", EVERY)
def test_no_dropout_is_no_hook_and_none_of_the_familys_own(name):
    network = network_of(name)
    before = residuals(network, name)
    assert add_residual_dropout(network, 0) == []
    assert not any(module._forward_hooks for module in network.modules())
    for was, now in zip(before, residuals(network.train(), name), strict=True):
        assert torch.equal(was, now)


@pytest.mark.parametrize("name", EVERY)
def test_evaluation_and_what_is_saved_are_untouched(name):
    plain = network_of(name)
    hooked = copy.deepcopy(plain)
    add_residual_dropout(hooked, 0.5)
    with torch.no_grad():
        assert torch.equal(plain(input_ids=IDS).logits, hooked(input_ids=IDS).logits)
    assert plain.state_dict().keys() == hooked.state_dict().keys()
    assert all(torch.equal(a, b) for a, b in zip(plain.state_dict().values(), hooked.state_dict().values(), strict=True))
    assert plain.config.to_dict() == hooked.config.to_dict()


def test_training_differs_and_is_decided_by_the_seed():
    plain = random_network()
    hooked = copy.deepcopy(plain)
    add_residual_dropout(hooked, 0.5)
    losses = {(name, seed): gradients(network, seed)[0] for name, network in (("plain", plain), ("hooked", hooked)) for seed in (0, 1)}
    assert losses["plain", 0] == losses["plain", 1] != losses["hooked", 0] != losses["hooked", 1]
    assert gradients(hooked, 0)[0] == losses["hooked", 0]


@pytest.mark.parametrize("name", [each for each in EVERY if each not in PARALLEL])
def test_what_is_dropped_is_what_is_added_to_the_residual(name):
    """Each sum that attention adds is either left out or doubled, at a rate of one half: nothing normalises or drops it again."""
    network = network_of(name, layers=2)
    before, between, _ = residuals(network, name)
    whole = between - before
    add_residual_dropout(network, 0.5)  # layer 0: none, so that both passes enter the last layer alike
    torch.manual_seed(0)
    entered, between, after = residuals(network.train(), name)
    assert torch.equal(entered, before)
    added = between - before
    dropped = added == 0
    assert 0.45 < dropped.float().mean() < 0.55
    assert torch.allclose(added[~dropped], 2 * whole[~dropped], atol=1e-6)
    assert 0.45 < (after == between).float().mean() < 0.55


@pytest.mark.parametrize("name", PARALLEL)
def test_where_attention_and_mlp_are_added_together_each_is_dropped_by_itself(name):
    network = network_of(name, layers=2)
    layer, parts = layers_of(network)[-1], {}

    def note(part, _module, _args, output):
        parts.setdefault(part, tensor(output))  # of the first pass, which is whole

    layer.get_submodule("attention" if name == "gpt_neox" else "self_attn").register_forward_hook(functools.partial(note, "attention"))
    layer.mlp.register_forward_hook(functools.partial(note, "mlp"))
    before, after = residuals(network, name)
    assert torch.allclose(after - before, parts["attention"] + parts["mlp"], atol=1e-6)
    add_residual_dropout(network, 0.5)
    torch.manual_seed(0)
    entered, after = residuals(network.train(), name)
    assert torch.equal(entered, before)
    added = after - before
    choices = torch.stack([a * 2 * parts["attention"] + m * 2 * parts["mlp"] for a in (0, 1) for m in (0, 1)])
    distance, which = (choices - added).abs().min(dim=0)
    assert distance.max() < 1e-5
    assert all(0.2 < (which == each).float().mean() < 0.3 for each in range(4))


@pytest.mark.parametrize("name", EVERY)
def test_at_a_rate_of_one_a_layer_adds_nothing(name):
    network = network_of(name, layers=2)
    states = residuals(network, name)
    assert all(not torch.equal(*pair) for pair in itertools.pairwise(states))
    add_residual_dropout(network, 1.0)
    states = residuals(network.train(), name)
    assert all(torch.equal(*pair) for pair in itertools.pairwise(states))


def test_a_model_that_also_sees_is_hooked_where_it_speaks():
    network = seeing()
    assert add_residual_dropout(network, 0.3) == pytest.approx([0.0, 0.3])
    hooked = {name for name, module in network.named_modules() if module._forward_hooks}
    assert len(hooked) == 4
    assert all(".language_model.layers." in name for name in hooked)
    gradients(network, token_type_ids=torch.zeros_like(IDS))
    check_residual_dropout(network)


@pytest.mark.parametrize("order", ["adapters first", "dropout first"])
def test_what_an_adapter_adds_is_dropped_too(order):
    pytest.importorskip("peft")
    import peft

    network = random_network(layers=2)
    config = peft.LoraConfig(r=4, lora_dropout=0.0, target_modules="all-linear", init_lora_weights=False)  # which give something
    if order == "dropout first":
        add_residual_dropout(network, 1.0)
    wrapped = peft.get_peft_model(network, config)
    if order == "adapters first":
        add_residual_dropout(wrapped, 1.0)
    before, between, after = residuals(network.eval(), "llama")
    assert not torch.equal(before, between)
    assert not torch.equal(between, after)
    before, between, after = residuals(network.train(), "llama")
    assert torch.equal(before, between)
    assert torch.equal(between, after)
    check_residual_dropout(wrapped)


@pytest.mark.parametrize("name", FAMILIES)
def test_gradient_checkpointing_changes_nothing(name):
    """What is computed a second time must be dropped where it was the first time."""
    kept, recomputed = network_of(name, layers=2), network_of(name, layers=2)
    for network in (kept, recomputed):
        add_residual_dropout(network, 0.5)
    recomputed.gradient_checkpointing_enable({"use_reentrant": False})
    assert same(gradients(kept), gradients(recomputed))


def test_a_compiled_model_drops_the_same_and_in_one_graph():
    plain, traced = random_network(layers=2), random_network(layers=2)
    for network in (plain, traced):
        add_residual_dropout(network, 0.5)
    compiled = torch.compile(traced, backend="aot_eager", fullgraph=True)
    expected, found = gradients(plain), gradients(compiled)
    check_residual_dropout(compiled)
    assert found[0] == expected[0]
    assert all(torch.equal(each, found[1][f"_orig_mod.{name}"]) for name, each in expected[1].items())
    torch.compiler.reset()


def test_a_model_sharded_by_fsdp_drops_the_same(tmp_path):
    from torch.distributed.device_mesh import init_device_mesh
    from torch.distributed.fsdp import fully_shard

    whole, sharded = random_network(layers=2), random_network(layers=2)
    for network in (whole, sharded):
        add_residual_dropout(network, 0.5)
    store = torch.distributed.FileStore(str(tmp_path / "store"), 1)
    torch.distributed.init_process_group("gloo", store=store, rank=0, world_size=1)
    try:
        mesh = init_device_mesh("cpu", (1,))
        for part in (*sharded.model.layers, sharded):
            fully_shard(part, mesh=mesh)
        loss, found = gradients(sharded)
        check_residual_dropout(sharded)
        assert same(gradients(whole), (loss, {name: each.full_tensor() for name, each in found.items()}))
    finally:
        torch.distributed.destroy_process_group()


def test_a_kernel_that_passes_a_module_over_is_found_out():
    """A fused layer computes what the module would, and calls nothing."""
    network = random_network(layers=2)
    add_residual_dropout(network, 0.3)
    layer = network.model.layers[1]
    forward = layer.mlp.forward
    layer.mlp.__dict__["_call_impl"] = forward  # what a module's call does, without its hooks
    gradients(network)
    with pytest.raises(
        RecipeError, match=r"did not take place in 1 of 4 modules, model\.layers\.1\.mlp for one.*\s+Switch off the kernels"
    ):
        check_residual_dropout(network)
    del layer.mlp.__dict__["_call_impl"]
    gradients(network)
    check_residual_dropout(network)


def test_evaluation_is_no_proof_that_it_takes_place():
    network = random_network()
    add_residual_dropout(network, 0.3)
    network.eval()(input_ids=IDS)
    with pytest.raises(RecipeError, match="in 6 of 6 modules"):
        check_residual_dropout(network)


def test_a_family_whose_place_is_not_known_is_refused_with_those_that_are():
    network = random_network("bloom", n_layer=2, n_head=4)
    with pytest.raises(RecipeError, match=r"model of type 'bloom' is not known\.\s+Set it to 0, or use one of: gemma2, "):
        add_residual_dropout(network, 0.3)
    assert add_residual_dropout(network, 0) == []
