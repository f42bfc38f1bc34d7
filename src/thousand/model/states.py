"""What a base makes of a conversation: one vector, the mean of its last hidden states."""

from __future__ import annotations

from collections.abc import Sequence

import jinja2
import numpy as np
import torch
from numpy.typing import NDArray

from thousand.conversation import Message
from thousand.model.chat import as_prompt, broken_up
from thousand.model.likelihood import FORM, at_once, batches
from thousand.model.load import Model


def mean_states(
    model: Model, conversations: Sequence[Sequence[Message]], *, longest: int = 2048, form: str = FORM, tokens: int | None = None
) -> NDArray[np.float32]:
    """The mean of the last layer's states over the tokens of each conversation, the i-th weighing i (SGPT, Muennighoff 2022).

    In a causal model a late token has seen more of the conversation than an early one, hence the weights. The base is given the
    conversation by its chat template, or where it has none in ``form``, the answer after a space. Conversations of like length go
    together, padded on the right, where causal attention never looks; padding has no weight.

    Args:
        conversations: each ends with an answer.
        longest: tokens of a conversation that are read; the base's context, if that is less.
        form: holds ``{prompt}``.
        tokens: most at once, padding included; None takes what suits the device.

    Returns:
        (n, d), not of unit length; zeros where a conversation has no token, or the chat template refuses it.
    """
    encoded = _tokens(model, conversations, form, min(longest, model.context))
    states = np.zeros((len(encoded), model.network.config.hidden_size), dtype=np.float32)
    for rows in batches([len(each) for each in encoded], at_once(model, tokens, logits=False)):
        width = len(encoded[rows[0]])
        ids = torch.full((len(rows), width), model.tokenizer.pad_token_id)
        weights = torch.zeros(len(rows), width)
        for row, each in enumerate(encoded[i] for i in rows):
            ids[row, : len(each)] = torch.tensor(each)
            weights[row, : len(each)] = torch.arange(1, len(each) + 1) * (2 / (len(each) * (len(each) + 1)))
        with torch.inference_mode():
            last = model.network.base_model(input_ids=ids.to(model.device), use_cache=False).last_hidden_state
            states[rows] = torch.einsum("btd,bt->bd", last.float(), weights.to(model.device)).cpu().numpy()
    return states


def _tokens(model: Model, conversations: Sequence[Sequence[Message]], form: str, longest: int) -> list[list[int]]:
    space = "" if model.chats else " "
    texts: list[str] = []
    for messages in conversations:
        try:
            texts.append(as_prompt(model, messages[:-1], form.rstrip(" ")) + space + broken_up(model, messages[-1]["content"]))
        except jinja2.TemplateError:
            texts.append("")
    if not texts:
        return []
    encoded: list[list[int]] = model.tokenizer(texts, add_special_tokens=False)["input_ids"]
    return [each[:longest] for each in encoded]
