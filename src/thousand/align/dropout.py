"""LIMA's residual dropout: a ramp over depth, on each sublayer's output before it is added to the residual.

``h <- h + Dropout_p(Attention(h)); h <- h + Dropout_p(MLP(h))`` with ``p = p_top * l / (L - 1)`` for layer l of L (LIMA,
section 2.2). It is put in by hooks, which leave the weights and what is saved untouched and do nothing in evaluation mode.
A hook stands on the last whole module before the sum: what an adapter adds inside it is dropped too, and so is what
all the experts of a mixture give together.
"""

from __future__ import annotations

from typing import Any

import torch

from thousand.errors import RecipeError

_PLACES = {
    # family: modules of a decoder layer whose outputs are added to the residual
    **dict.fromkeys(("llama", "mistral", "qwen2", "qwen3", "olmo", "smollm3", "mixtral", "qwen3_moe"), ("self_attn", "mlp")),
    # these normalise after the sublayer and add what the norm gives
    **dict.fromkeys(("olmo2", "olmo3", "gemma2", "gemma3_text"), ("post_attention_layernorm", "post_feedforward_layernorm")),
    # these have a dropout of their own there, at one rate for all layers: the ramp takes its place. What they drop elsewhere, of
    # attention or of embeddings, stays as their configuration has it
    "gpt2": ("attn.resid_dropout", "mlp.dropout"),
    "gpt_neox": ("post_attention_dropout", "post_mlp_dropout"),
    "phi3": ("resid_attn_dropout", "resid_mlp_dropout"),
    "stablelm": ("self_attn", "dropout"),
}


def add_residual_dropout(network: Any, top: float) -> list[float]:
    """Hook the ramp into a model.

    It holds under gradient checkpointing, FSDP2 and ``torch.compile``, and may be put in before or after adapters.

    Args:
        network: a transformers causal language model, with or without PEFT's adapters.
        top: the last layer's rate; 0 takes a family's own residual dropout out and puts nothing in.

    Returns:
        The rate of each layer, from the first; none where ``top`` is 0.

    Raises:
        RecipeError: the model's family is not one for which the place is known.
    """
    network = _bare(network)
    family = network.config.get_text_config().model_type  # of a model that also sees, the part that speaks
    if family not in _PLACES:
        if top == 0:
            return []
        raise RecipeError(
            f"align.residual_dropout: where to put it in a model of type {family!r} is not known.",
            f"Set it to 0, or use one of: {', '.join(sorted(_PLACES))}.",
        )
    decoder = network.get_decoder()
    layers = getattr(decoder, "layers", None) or decoder.h
    rates = [top * depth / max(len(layers) - 1, 1) for depth in range(len(layers))]
    for layer, rate in zip(layers, rates, strict=True):
        for path in _PLACES[family]:
            place = layer.get_submodule(path)
            if isinstance(place, torch.nn.Dropout):
                place.p = 0.0  # the configuration, which is saved, keeps the base's rate
            if top:
                place.register_forward_hook(_Drop(rate))
    return rates if top else []


def check_residual_dropout(network: Any) -> None:
    """Check, after the first training step, that nothing was passed over.

    A fused kernel may compute a layer without calling the modules in it, and their hooks then never run.

    Raises:
        RecipeError: somewhere no dropout took place.
    """
    drops = [(name, hook) for name, module in network.named_modules() for hook in module._forward_hooks.values() if isinstance(hook, _Drop)]
    missed = [name for name, hook in drops if not hook.ran]
    if missed:
        raise RecipeError(
            f"align.residual_dropout did not take place in {len(missed)} of {len(drops)} modules, {missed[0]} for one: "
            "they are computed without being called.",
            "Switch off the kernels that replace whole layers, or set it to 0.",
        )


def forget_runs(network: Any) -> None:
    """Let the check begin anew: what ran before training, to be measured, is no proof that it runs in training."""
    for module in network.modules():
        for hook in module._forward_hooks.values():
            if isinstance(hook, _Drop):
                hook.ran = False


class _Drop:
    """Dropout as a forward hook, on a tensor or the first of a tuple; it remembers whether it ever ran in training."""

    def __init__(self, rate: float) -> None:
        self.rate, self.ran = rate, False

    def __call__(self, module: torch.nn.Module, _inputs: Any, output: Any) -> Any:
        if not module.training:
            return output
        self.ran = True
        if isinstance(output, tuple):
            return torch.nn.functional.dropout(output[0], self.rate), *output[1:]
        return torch.nn.functional.dropout(output, self.rate)


def _bare(network: Any) -> Any:
    return network.get_base_model() if hasattr(network, "get_base_model") else network
