"""LIMA's residual dropout: a ramp over depth, on each sublayer's output before it is added to the residual.

``h <- h + Dropout_p(Attention(h)); h <- h + Dropout_p(MLP(h))`` with ``p = p_top * l / (L - 1)`` for layer l of L (LIMA,
section 2.2). Models with RMS norms have no such dropout of their own, so it is put in by hooks, which leave the weights
and what is saved untouched and do nothing in evaluation mode.
"""

from __future__ import annotations

from typing import Any

import torch

from thousand.errors import RecipeError

_SUBLAYERS = {
    # family: modules of a decoder layer whose outputs are added to the residual
    **dict.fromkeys(("llama", "mistral", "qwen2", "qwen3", "olmo", "phi3", "smollm3", "stablelm"), ("self_attn.o_proj", "mlp.down_proj")),
    # these normalise after the sublayer and add what the norm gives
    **dict.fromkeys(("olmo2", "olmo3", "gemma2", "gemma3_text"), ("post_attention_layernorm", "post_feedforward_layernorm")),
}


def add_residual_dropout(network: Any, top: float) -> list[float]:
    """Hook the ramp into a model.

    Args:
        network: a transformers causal language model.
        top: the last layer's rate.

    Returns:
        The rate of each layer, from the first.

    Raises:
        RecipeError: the model's family is not one for which the place is known.
    """
    if top == 0:
        return []
    family = network.config.model_type
    if family not in _SUBLAYERS:
        raise RecipeError(
            f"align.residual_dropout: where to put it in a model of type {family!r} is not known.",
            f"Set it to 0, or use one of: {', '.join(sorted(_SUBLAYERS))}.",
        )
    layers = network.model.layers
    rates = [top * depth / max(len(layers) - 1, 1) for depth in range(len(layers))]
    for layer, rate in zip(layers, rates, strict=True):
        for path in _SUBLAYERS[family]:
            layer.get_submodule(path).register_forward_hook(_hook(rate))
    return rates


def _hook(rate: float) -> Any:
    def drop(module: torch.nn.Module, _inputs: Any, output: torch.Tensor) -> torch.Tensor:
        return torch.nn.functional.dropout(output, rate, training=module.training)

    return drop
