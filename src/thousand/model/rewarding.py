"""A reward model: a sequence classifier with one output, which says how good the last answer of a conversation is."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import jinja2
import torch
import transformers
from safetensors import SafetensorError

from thousand.conversation import Message
from thousand.errors import DataError
from thousand.model.chat import broken_up
from thousand.model.likelihood import at_once, batches
from thousand.model.load import Model, load_tokenizer, settle


@dataclass(frozen=True)
class Reward:
    """What a reward model gives; None where it gives nothing, and why."""

    value: float | None = None
    why: str | None = None


def load_reward_model(folder: str | Path) -> Model:
    """Load a reward model from a folder, on the GPU where there is one.

    Raises:
        DataError: the folder is missing, or what it holds is no reward model.
    """
    path = Path(folder)
    tokenizer = load_tokenizer(path)
    settle()
    try:
        network, report = transformers.AutoModelForSequenceClassification.from_pretrained(
            path, local_files_only=True, trust_remote_code=False, use_safetensors=True, dtype=torch.float32, output_loading_info=True
        )
    except (OSError, ValueError, KeyError, SafetensorError) as error:
        raise DataError(f"The model at {path} cannot be loaded: {str(error)[:300]}") from error
    if report["missing_keys"]:  # transformers would make them up
        raise DataError(
            f"The model at {path} is no reward model: it has no {min(report['missing_keys'])}.", "Give one that was trained as such."
        )
    if network.config.num_labels != 1:
        raise DataError(f"The model at {path} gives {network.config.num_labels} numbers; a reward model gives one.")
    return Model(path, network.to("cuda" if torch.cuda.is_available() else "cpu").eval(), tokenizer)


def rewards(
    model: Model,
    conversations: Sequence[Sequence[Message]],
    *,
    tokens: int | None = None,
    finished: Callable[[int], None] | None = None,
) -> list[Reward]:
    """The reward of each conversation's last answer, in the model's own unit.

    The conversation goes through the chat template; without one the tokenizer is given the prompt and the answer as a pair. Like
    lengths go together; a reward differs from that of the conversation by itself by rounding alone.

    Args:
        conversations: each ends with an answer.
        tokens: most at once, padding included; None takes what suits the device.
        finished: called with how many are done.
    """
    found: list[Reward | None] = [None] * len(conversations)
    encoded: list[_Tokens] = []
    for i, messages in enumerate(conversations):
        try:
            encoded.append(_encode(model, messages))
        except jinja2.TemplateError as error:  # some have no place for a system message
            encoded.append(_Tokens([]))
            found[i] = Reward(why=f"the chat template refuses it: {str(error)[:100]}")
        if len(encoded[i].ids) > model.context:
            encoded[i] = _Tokens([])
            found[i] = Reward(why=f"longer than the model's context of {model.context:,} tokens")
    pad = _pad(model, encoded)
    for rows in batches([len(each.ids) for each in encoded], at_once(model, tokens, logits=False)):
        for i, value in zip(rows, _score(model, [encoded[i] for i in rows], pad), strict=True):
            found[i] = Reward(value)
        if finished:
            finished(sum(each is not None for each in found))
    return [each or Reward(why="there is nothing to score") for each in found]


@dataclass(frozen=True)
class _Tokens:
    """Tokens, and which of two texts each is of, where the model tells them apart by that."""

    ids: list[int]
    types: list[int] | None = None


def _encode(model: Model, messages: Sequence[Message]) -> _Tokens:
    said = [{"role": each["role"], "content": broken_up(model, each["content"])} for each in messages]
    if model.chats:
        text = model.tokenizer.apply_chat_template(said, tokenize=False)
        return _Tokens(model.tokenizer(text, add_special_tokens=False)["input_ids"])
    prompt = "\n\n".join(each["content"] for each in said[:-1])
    told_apart = bool(getattr(model.network.config, "type_vocab_size", 0))
    pair = model.tokenizer(prompt, said[-1]["content"], return_token_type_ids=told_apart)
    return _Tokens(pair["input_ids"], pair["token_type_ids"] if told_apart else None)


def _pad(model: Model, encoded: Sequence[_Tokens]) -> int:
    """The token to pad with: the model's own, by which it finds the last that is none; else one that stands nowhere."""
    if model.network.config.pad_token_id is None:
        used = {token for each in encoded for token in each.ids}
        model.network.config.pad_token_id = next(i for i in range(len(used) + 1) if i not in used)
    return int(model.network.config.pad_token_id)


def _score(model: Model, encoded: Sequence[_Tokens], pad: int) -> list[float]:
    width = max(len(each.ids) for each in encoded)
    given = {
        "input_ids": _padded([each.ids for each in encoded], width, pad),
        "attention_mask": _padded([[1] * len(each.ids) for each in encoded], width, 0),
    }
    if encoded[0].types is not None:
        given["token_type_ids"] = _padded([each.types or [] for each in encoded], width, 0)
    with torch.inference_mode():
        logits = model.network(**{name: values.to(model.device) for name, values in given.items()}).logits
    values: list[float] = logits[:, 0].float().tolist()
    return values


def _padded(rows: Sequence[list[int]], width: int, pad: int) -> torch.Tensor:
    return torch.tensor([row + [pad] * (width - len(row)) for row in rows])
