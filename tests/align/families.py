"""The families of models that the recipe is for, each as a tiny random model of its real architecture."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import transformers

from tests.small import byte_tokenizer, chat, random_network
from thousand.model import Generation, Model, generate
from thousand.model.chat import as_prompt

_OTHER = {"attn_pdrop": 0.0, "embd_pdrop": 0.0}  # GPT-2's dropouts that are not the residual's
FAMILIES: dict[str, dict[str, Any]] = {
    # name: what differs from the common shape. Rates of the family's own residual dropout must come to nothing.
    "llama": {},
    "mistral": {},
    "qwen2": {},
    "qwen3": {},
    "gemma2": {},
    "gemma3_text": {},
    "olmo2": {},
    "olmo3": {},
    "phi3": {"resid_pdrop": 0.9},
    "gpt2": {"resid_pdrop": 0.9, **_OTHER},
    "gpt_neox": {},
    "gpt_neox sequential": {"use_parallel_residual": False},
    "mixtral": {"num_local_experts": 4},
    "qwen3_moe": {"num_experts": 4, "num_experts_per_tok": 2, "moe_intermediate_size": 16, "decoder_sparse_step": 1},
}
MORE: dict[str, dict[str, Any]] = {
    "olmo": {},
    "smollm3": {},
    "stablelm": {"hidden_dropout": 0.9},
    "stablelm parallel": {"use_parallel_residual": True, "hidden_dropout": 0.9},
    "llama tied": {"tie_word_embeddings": True},
    "phi": {},  # the ramp does not know it
}
PARALLEL = ("gpt_neox", "stablelm parallel")
"""Attention and MLP read the same residual and are added to it together."""

ANSWERS = [f"{each}." for each in ("One", "Ten", "No", "Ox", "Up", "Six", "Red", "I", "Go", "Art")]
SAID = [chat(f"{question}?", answer) for question, answer in zip("abcdefghij", ANSWERS, strict=True)]
"""Ten short examples, to be learnt by heart."""


def network_of(name: str, **changes: Any) -> Any:
    """A model of one of the families."""
    network = random_network(name.split()[0], **{**FAMILIES, **MORE}[name] | changes)
    if name.startswith("gpt_neox"):
        for layer in network.gpt_neox.layers:  # by its configuration it would drop as much of the embeddings
            layer.post_attention_dropout.p = layer.post_mlp_dropout.p = 0.9
    return network


def write_base(folder: Path, name: str, **changes: Any) -> Path:
    """A base of one of the families, whose tokenizer has no token to spare: end of turn and pad token get rows of their own."""
    tokenizer = byte_tokenizer("<|endoftext|>")
    tokenizer.save_pretrained(folder)
    network_of(name, layers=2, vocabulary=len(tokenizer), max_position_embeddings=64, **changes).save_pretrained(folder)
    return folder


def greedy(model: Model) -> list[Generation]:
    """What a model answers to each of the ten, in at most twelve tokens."""
    return generate(model, [as_prompt(model, each[:1], "{prompt}") for each in SAID], max_tokens=12)


def seeing(**changes: Any) -> Any:
    """Gemma 3 as it is published: a model that also sees, with the text model inside."""
    shape = {"vocab_size": 320, "hidden_size": 32, "intermediate_size": 48, "num_hidden_layers": 2, "head_dim": 8}
    heads = {"num_attention_heads": 4, "num_key_value_heads": 2, "max_position_embeddings": 128}
    vision = {
        "hidden_size": 16,
        "intermediate_size": 16,
        "num_hidden_layers": 1,
        "num_attention_heads": 2,
        "image_size": 16,
        "patch_size": 8,
    }
    config = transformers.AutoConfig.for_model("gemma3", text_config=shape | heads | changes, vision_config=vision, mm_tokens_per_image=4)
    return transformers.AutoModelForCausalLM.from_config(config).eval()
