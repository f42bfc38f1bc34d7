"""How likely a model finds an answer after what was said before it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import jinja2
import numpy as np
import torch
from numpy.typing import NDArray

from thousand.conversation import Message
from thousand.model.chat import as_prompt, broken_up
from thousand.model.load import Model

FORM = "Question: {prompt} Answer:"
"""How a base without a chat template is asked: it ends where the answer's space begins."""

_TOKENS = {"cpu": 2048}
"""Tokens at once that a device is fastest with: a CPU with as many as its cache holds. Any other device takes `_MANY`."""
_MANY = 16384
_LOGITS = 1 << 27
"""Most logits at once: half a gigabyte."""


@dataclass(frozen=True)
class Continuation:
    """Tokens that are scored after others.

    Attributes:
        before: at least one token. after: what is scored.
        why: there is nothing to score; then both are empty.
    """

    before: Sequence[int] = ()
    after: Sequence[int] = ()
    why: str | None = None


def last_answers(model: Model, conversations: Sequence[Sequence[Message]], form: str = FORM) -> list[Continuation]:
    """The last answer of each conversation after everything before it, as the model would be given them.

    With a chat template the answer stands where the model would begin to speak. A base without one is asked in the form, and
    the answer follows after a space. The whole is cut into tokens at once, so no token boundary stands where pretraining had
    none. The end of the turn is not scored. An answer that does not fit into the context with all before it is not scored at
    all: the mean over a part of it would be of another text.

    Args:
        conversations: each ends with an answer.
        form: holds ``{prompt}``.
    """
    form = form.rstrip(" ")
    space = "" if model.chats or form.endswith("\n") else " "
    found: list[Continuation] = []
    asked: list[str] = []
    for messages in conversations:
        try:
            asked.append(as_prompt(model, messages[:-1], form))
            found.append(Continuation() if messages[-1]["content"].strip() else Continuation(why="the answer is empty"))
        except jinja2.TemplateError as error:  # some have no place for a system message
            asked.append("")
            found.append(Continuation(why=f"the chat template refuses it: {str(error)[:100]}"))
    rows = [i for i, each in enumerate(found) if each.why is None]
    cut = continuations(model, [(asked[i], space + broken_up(model, conversations[i][-1]["content"])) for i in rows])
    for i, each in zip(rows, cut, strict=True):
        found[i] = each
    return found


def continuations(model: Model, texts: Sequence[tuple[str, str]]) -> list[Continuation]:
    """Each second text after its first, cut into tokens as one, so that no token boundary stands where pretraining had none.

    Args:
        texts: with their special tokens written out, and with what space stands between the two.
    """
    befores = _encode(model, [before for before, _ in texts])
    wholes = _encode(model, [before + after for before, after in texts])
    return [_cut(model, before, whole) for before, whole in zip(befores, wholes, strict=True)]


def by_itself(model: Model, answer: Continuation) -> Continuation:
    """The same tokens after nothing but a beginning of text."""
    return answer if answer.why else Continuation([_start(model)], answer.after)


def mean_log_likelihood(model: Model, answers: Sequence[Continuation], *, tokens: int | None = None) -> NDArray[np.float64]:
    """Mean log-probability per token of each answer after what is before it, in nats.

    Answers of like length are scored together, padded on the right, where causal attention never looks. A value differs from
    that of the answer scored by itself by rounding alone: by less than 1e-3 in float32.

    Args:
        tokens: most at once, padding included, fewer for a large vocabulary; 1 scores each answer by itself, None takes what
            suits the device.

    Returns:
        (n,), NaN where there is nothing to score.
    """
    result = np.full(len(answers), np.nan)
    for rows in batches([len(each.before) + len(each.after) for each in answers], at_once(model, tokens)):
        result[rows] = _score(model, [answers[i] for i in rows])
    return result


def at_once(model: Model, tokens: int | None = None, *, logits: bool = True) -> int:
    """Tokens to give a model in one batch, padding included: so many, or what suits the device; fewer where their logits would not fit."""
    most = tokens or _TOKENS.get(model.device.type, _MANY)
    return min(most, _LOGITS // int(model.network.get_input_embeddings().weight.shape[0])) if logits else most


def batches(lengths: Sequence[int], tokens: int) -> Iterator[list[int]]:
    """Rows of like length, at most so many tokens at once where there is more than one; the longest first, to fail early."""
    rows: list[int] = []
    for i in sorted((i for i, length in enumerate(lengths) if length), key=lambda i: -lengths[i]):
        if rows and lengths[rows[0]] * (len(rows) + 1) > tokens:
            yield rows
            rows = []
        rows.append(i)
    if rows:
        yield rows


def _score(model: Model, answers: Sequence[Continuation]) -> NDArray[np.float64]:
    width = max(len(each.before) + len(each.after) for each in answers)
    ids = torch.full((len(answers), width), model.tokenizer.pad_token_id)
    wanted = torch.zeros(len(answers), width, dtype=torch.bool)
    for row, each in enumerate(answers):
        begin, end = len(each.before), len(each.before) + len(each.after)
        ids[row, :end] = torch.tensor([*each.before, *each.after])
        wanted[row, begin - 1 : end - 1] = True  # the logits at a place are of the token after it
    places = wanted.flatten().nonzero()[:, 0].to(model.device)
    ids = ids.to(model.device)
    with torch.inference_mode(), only(model.network, places):
        logits = model.network(input_ids=ids, use_cache=False).logits[0].float()
        said = logits.gather(-1, ids.flatten()[places + 1, None])[:, 0] - logits.logsumexp(-1)
    counts = [len(each.after) for each in answers]
    sums = np.add.reduceat(said.double().cpu().numpy(), np.cumsum([0, *counts[:-1]]))
    means: NDArray[np.float64] = sums / counts
    return means


@contextmanager
def only(network: Any, places: torch.Tensor) -> Iterator[None]:
    """While this lasts the network gives logits, (1, places, vocabulary), for these places of the flattened batch alone."""

    def select(layer: Any, given: tuple[torch.Tensor]) -> tuple[torch.Tensor]:
        return (given[0].flatten(0, 1)[places][None],)

    hook = network.get_output_embeddings().register_forward_pre_hook(select)
    try:
        yield
    finally:
        hook.remove()


def _cut(model: Model, before: list[int], whole: list[int]) -> Continuation:
    """The whole in two, where it leaves the tokens of what is before the answer."""
    if len(whole) > model.context:
        return Continuation(why=f"longer than the model's context of {model.context:,} tokens")
    same = next((i for i, (a, b) in enumerate(zip(before, whole, strict=False)) if a != b), min(len(before), len(whole)))
    if same == len(whole):
        return Continuation(why="the answer has no token of its own")
    return Continuation(whole[:same] or [_start(model)], whole[same:])


def _start(model: Model) -> int:
    tokenizer = model.tokenizer
    known = (tokenizer.bos_token_id, tokenizer.eos_token_id, tokenizer.pad_token_id)
    return int(next(each for each in known if each is not None))


def _encode(model: Model, texts: list[str]) -> list[list[int]]:
    if not texts:
        return []
    ids: list[list[int]] = model.tokenizer(texts, add_special_tokens=False)["input_ids"]
    return ids
