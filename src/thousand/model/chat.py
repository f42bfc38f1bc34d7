"""How a conversation becomes tokens: LIMA's form, with an end-of-turn token after every utterance.

The end of turn is a token of its own, not the base's end of text, so that it carries no meaning from pretraining (LIMA,
section 2). A reserved token that the tokenizer already has is taken; otherwise a row is added to the embedding.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch

from thousand.conversation import Message
from thousand.errors import DataError
from thousand.model.load import Model

END_OF_TURN = "<|eot|>"
_RESERVED = (
    "<|eot|>",
    "<|eot_id|>",
    "<|im_end|>",
    "<end_of_turn>",
    "<|reserved_special_token_0|>",
    "<|reserved_0|>",
    "[unused0]",
    "<unused0>",
)
IGNORED = -100
"""The label of a token that is not learnt from."""

_TEMPLATE = (
    "{{{{ bos_token or '' }}}}{{% for m in messages %}}"
    "{{% if m['role'] == 'assistant' %}}{{% generation %}}{{{{ m['content'] + '{eot}' }}}}{{% endgeneration %}}"
    "{{% else %}}{{{{ m['content'] + '{eot}' }}}}{{% endif %}}{{% endfor %}}"
)


@dataclass(frozen=True)
class Example:
    """One conversation as tokens; ``labels`` equals ``tokens`` where the model learns and `IGNORED` elsewhere."""

    tokens: list[int]
    labels: list[int]
    cut: bool = False


@dataclass(frozen=True)
class Conversations:
    """The conversations that fit, as tokens, and how many did not."""

    examples: list[Example]
    cut: int
    dropped: int


def prepare(model: Model, end_of_turn: str | None = None) -> int:
    """Give a base its end-of-turn token, its pad token and its chat template; returns the end-of-turn's id.

    A new row starts as a copy of the end-of-text row with a little noise. The usual mean of all rows is no good here: with
    tied weights it scores like an average word and a few hundred steps do not make it the likeliest at the end of a turn.
    """
    tokenizer, network = model.tokenizer, model.network
    vocabulary = tokenizer.get_vocab()
    token = end_of_turn or next((each for each in _RESERVED if each in vocabulary), END_OF_TURN)
    fresh = token not in vocabulary or token.startswith(("<|reserved", "[unused", "<unused"))
    tokenizer.add_special_tokens({"additional_special_tokens": [token]})
    ident = int(tokenizer.convert_tokens_to_ids(token))
    pad = tokenizer.pad_token_id
    if pad is None or pad in (ident, tokenizer.eos_token_id):
        tokenizer.add_special_tokens({"pad_token": "<|pad|>"})
    if len(tokenizer) > network.get_input_embeddings().weight.shape[0]:
        network.resize_token_embeddings(len(tokenizer))
    if fresh:
        _copy_row(network, tokenizer.eos_token_id, ident)
    tokenizer.chat_template = _TEMPLATE.format(eot=token.replace("\\", "\\\\").replace("'", "\\'"))
    network.config.pad_token_id = network.generation_config.pad_token_id = tokenizer.pad_token_id
    network.config.eos_token_id = network.generation_config.eos_token_id = ident
    tokenizer.eos_token = token
    return ident


def encode(model: Model, conversations: Sequence[Sequence[Message]], *, loss_on: str, max_tokens: int, too_long: str) -> Conversations:
    """Conversations as tokens and labels.

    Args:
        loss_on: ``responses`` labels the assistant's turns and their ends of turn; ``all`` labels everything.
        max_tokens: longer conversations are dropped, or cut so that the end of turn still stands at the end and is learnt.
    """
    ident = model.tokenizer.eos_token_id
    examples: list[Example] = []
    dropped = cut = 0
    for messages in conversations:
        rendered = model.tokenizer.apply_chat_template(_inert(model, messages), return_dict=True, return_assistant_tokens_mask=True)
        tokens, mask = rendered["input_ids"], rendered["assistant_masks"]
        long = len(tokens) > max_tokens
        if long:
            spoken = next((i for i, learnt in enumerate(mask) if learnt), max_tokens)
            if too_long == "drop" or spoken >= max_tokens - 1:  # nothing of the answer would be left
                dropped += 1
                continue
            tokens, mask = _cut(tokens, mask, max_tokens, ident)
            cut += 1
        labels = list(tokens) if loss_on == "all" else [t if learnt else IGNORED for t, learnt in zip(tokens, mask, strict=True)]
        examples.append(Example(list(tokens), labels, cut=long))
    return Conversations(examples, cut, dropped)


def _cut(tokens: list[int], mask: list[int], length: int, ident: int) -> tuple[list[int], list[int]]:
    """At most ``length`` tokens, the last of them a learnt end of turn: of an answer cut short, or of the last whole one."""
    if mask[length - 1] and mask[length - 2]:
        return [*tokens[: length - 1], ident], [*mask[: length - 1], 1]
    end = max(i for i in range(length - 1) if mask[i]) + 1
    return tokens[:end], mask[:end]


def as_prompt(model: Model, messages: Sequence[Message], plain: str) -> str:
    """What a model is given to answer: by its chat template, or for a base without one in the plain form."""
    if model.chats:
        text: str = model.tokenizer.apply_chat_template(_inert(model, messages), tokenize=False, add_generation_prompt=True)
        return text
    asked = "\n\n".join(message["content"] for message in _inert(model, messages))
    return (model.tokenizer.bos_token or "") + plain.replace("{prompt}", asked)


def _inert(model: Model, messages: Sequence[Message]) -> list[dict[str, str]]:
    """The messages with any special token written in them broken up: text from a pool must not end a turn."""
    return [{"role": message["role"], "content": broken_up(model, message["content"])} for message in messages]


def broken_up(model: Model, text: str) -> str:
    """The text with a space in every special token written in it: it is talked about, not meant."""
    for token in model.tokenizer.all_special_tokens:
        text = text.replace(token, f"{token[0]} {token[1:]}")
    return text


def stop_tokens(model: Model) -> list[int]:
    """The ids that end an answer."""
    configured: Any = model.network.generation_config.eos_token_id
    ids = configured if isinstance(configured, list) else [configured]
    found = [int(each) for each in ids if each is not None]
    if not found:
        raise DataError(f"The model at {model.folder} has no end-of-text token.", "Set eos_token_id in its generation_config.json.")
    return found


def _copy_row(network: Any, source: int, target: int) -> None:
    """Start a token's row as another's, with noise of a tenth of its spread so that the two can part."""
    generator = torch.Generator().manual_seed(target)
    layers = [network.get_input_embeddings()]
    if network.get_output_embeddings() is not None and network.get_output_embeddings().weight is not layers[0].weight:
        layers.append(network.get_output_embeddings())
    with torch.no_grad():
        for layer in layers:
            row = layer.weight[source]
            noise = torch.randn(row.shape, generator=generator).to(row) * row.std() * 0.1
            layer.weight[target] = row + noise
