"""How far alignment moved a model from its base, token by token: token-distribution shift (Lin et al. 2023, "The Unlocking Spell on
Base LLMs", section 2).

The aligned model has answered; at each token of its answer the base is given the same context, the prompt and the answer so far, and
is asked what it would have said. What it would have said itself, alignment did not teach.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

import numpy as np
import torch
from numpy.typing import NDArray

from thousand.conversation import Message
from thousand.errors import DataError
from thousand.model.chat import stop_tokens
from thousand.model.likelihood import FORM, Continuation, at_once, batches, last_answers, only
from thousand.model.load import Model

Context = Literal["plain", "aligned"]
_LOGITS = 1 << 25
"""Most logits of each model at once: 128 MB, of which a few copies are needed."""
_NEVER = -1e9


@dataclass(frozen=True)
class Passage:
    """An answer as both models read it.

    Attributes:
        aligned, base: its tokens after what stands before it for each model.
        head: so many tokens at the aligned model's start of it have no counterpart, since the base's context makes others of the
            same text. The rest are the same tokens, but for one: the answer's first, where it differs by the space before it alone.
        why: it cannot be measured.
    """

    aligned: Continuation = field(default_factory=Continuation)
    base: Continuation = field(default_factory=Continuation)
    head: int = 0
    why: str | None = None


@dataclass(frozen=True)
class Shift:
    """An answer, token by token; arrays of as many values as it has tokens.

    Attributes:
        tokens: as the aligned model reads the answer.
        rank: of the token by the base, 1 for its likeliest; 0 where the base has no such token there.
        probability: of the token by the base; NaN where it has none.
        kl: KL(aligned || base) in nats, over the tokens that both have; NaN where they do not have the same ones.
        why: why there is nothing; then the arrays are empty.
    """

    tokens: NDArray[np.int64]
    rank: NDArray[np.int64]
    probability: NDArray[np.float64]
    kl: NDArray[np.float64]
    why: str | None = None


def passages(
    aligned: Model, base: Model, conversations: Sequence[Sequence[Message]], form: str = FORM, *, context: Context = "plain"
) -> list[Passage]:
    """The last answer of each conversation as both models read it, cut into tokens once.

    Args:
        form: how a base without a chat template is asked.
        context: ``plain`` asks the base as it is asked when it answers itself. ``aligned`` gives it the aligned model's context,
            token by token; in the place of a token that alignment added, such as the end of turn, stands the base's end of text.

    Raises:
        DataError: the two models do not share a vocabulary.
    """
    vocabulary, known = aligned.tokenizer.get_vocab(), base.tokenizer.get_vocab()
    if strange := next((token for token, ident in known.items() if vocabulary.get(token) != ident), None):
        raise DataError(
            f"The models at {aligned.folder} and {base.folder} do not share a vocabulary: {strange!r} is not the same token.",
            "Token-distribution shift needs the base that the model was aligned from.",
        )
    ours = last_answers(aligned, conversations, form)
    if context == "plain":
        return [_matched(*both) for both in zip(ours, last_answers(base, conversations, form), strict=True)]
    end = base.tokenizer.eos_token_id
    end = stop_tokens(base)[0] if end is None else end
    added = set(vocabulary.values()) - set(known.values())
    return [
        Passage(why=each.why) if each.why else Passage(each, replace(each, before=[end if i in added else i for i in each.before]))
        for each in ours
    ]


def shifts(aligned: Model, base: Model, answers: Sequence[Passage], *, tokens: int | None = None) -> list[Shift]:
    """Rank and probability by the base of each token of each answer, and the divergence of the two models at its place.

    Answers of like length are measured together, padded on the right, where causal attention never looks; logits are made for the
    answers' places alone, a part of them at a time. Values differ from those of an answer measured by itself by rounding alone.

    Args:
        tokens: most at once, as `thousand.model.likelihood.mean_log_likelihood`.
    """
    found = [_nothing(each) for each in answers]
    lengths = [0 if each.why else max(_length(each.aligned), _length(each.base)) for each in answers]
    for rows in batches(lengths, min(at_once(aligned, tokens), at_once(base, tokens))):
        for row, values in zip(rows, _measure(aligned, base, [answers[row] for row in rows]), strict=True):
            found[row] = values
    return found


def _length(answer: Continuation) -> int:
    return len(answer.before) + len(answer.after)


def _matched(ours: Continuation, theirs: Continuation) -> Passage:
    """Both readings of one answer: the same tokens from the end on, and what is left at the start."""
    if why := ours.why or theirs.why:
        return Passage(why=why)
    a, b = ours.after, theirs.after
    same = next((i for i in range(min(len(a), len(b))) if a[-1 - i] != b[-1 - i]), min(len(a), len(b)))
    alone = same == len(a) - 1 == len(b) - 1  # one word in both, with and without its space
    return Passage(ours, theirs, head=0 if alone else len(a) - same)


def _nothing(answer: Passage) -> Shift:
    n = len(answer.aligned.after)
    return Shift(np.array(answer.aligned.after, np.int64), np.zeros(n, np.int64), np.full(n, np.nan), np.full(n, np.nan), answer.why)


def _measure(aligned: Model, base: Model, answers: Sequence[Passage]) -> list[Shift]:
    counts = [len(each.aligned.after) - each.head for each in answers]
    sides = [
        (aligned, *_padded(aligned, [each.aligned for each in answers], counts)),
        (base, *_padded(base, [each.base for each in answers], counts)),
    ]
    parts = max(1, _LOGITS // max(_rows(model) for model, _, _ in sides))
    left_out = _not_shared(aligned, base)
    ranks, probabilities, divergences, same = [], [], [], []
    for start in range(0, sum(counts), parts):
        ours, theirs = (_logits(model, ids, places[start : start + parts]) for model, ids, places in sides)
        own, said = (ids.flatten()[places[start : start + parts] + 1] for _, ids, places in sides)
        logit = theirs.gather(-1, said[:, None])
        ranks.append(1 + (theirs > logit).sum(-1))
        probabilities.append((logit[:, 0] - theirs.logsumexp(-1)).exp())
        divergences.append(_divergence(ours, theirs, left_out))
        same.append(own == said.to(own.device))
    rank, probability, kl, equal = (
        torch.cat(each).cpu().numpy() if each else np.zeros(0) for each in (ranks, probabilities, divergences, same)
    )
    kl = np.where(equal, kl, np.nan)  # a word with its space and one without are drawn from two different sets of words
    found, at = [], 0
    for each, n in zip(answers, counts, strict=True):
        values, here, there = _nothing(each), slice(each.head, None), slice(at, at + n)
        values.rank[here], values.probability[here], values.kl[here] = rank[there], probability[there], kl[there]
        found.append(values)
        at += n
    return found


def _padded(model: Model, answers: Sequence[Continuation], counts: Sequence[int]) -> tuple[torch.Tensor, torch.Tensor]:
    """Tokens (answers, width), and the places of the flattened batch whose logits are of the last ``counts`` tokens of each."""
    width = max(map(_length, answers))
    ids = torch.full((len(answers), width), model.tokenizer.pad_token_id)
    places = []
    for row, (each, count) in enumerate(zip(answers, counts, strict=True)):
        end = _length(each)
        ids[row, :end] = torch.tensor([*each.before, *each.after])
        places.append(torch.arange(end - count - 1, end - 1) + row * width)
    return ids.to(model.device), torch.cat(places).to(model.device)


def _logits(model: Model, ids: torch.Tensor, places: torch.Tensor) -> torch.Tensor:
    """(places, vocabulary), in float32."""
    with torch.inference_mode(), only(model.network, places):
        logits: torch.Tensor = model.network(input_ids=ids, use_cache=False).logits[0].float()
    return logits


def _divergence(ours: torch.Tensor, theirs: torch.Tensor, left_out: Sequence[int]) -> torch.Tensor:
    """KL(ours || theirs) in nats over the tokens that both have, each distribution taken over these alone."""
    shared = min(ours.shape[-1], theirs.shape[-1])
    theirs = theirs.to(ours.device)
    p, q = ours[:, :shared].clone(), theirs[:, :shared].clone()
    p[:, left_out] = q[:, left_out] = _NEVER
    p, q = p.log_softmax(-1), q.log_softmax(-1)
    return (p.exp() * (p - q)).sum(-1)


def _not_shared(aligned: Model, base: Model) -> list[int]:
    """Tokens within both tables of embeddings that mean something to the aligned model alone: its end of turn, and what was added."""
    shared = min(_rows(aligned), _rows(base))
    added = set(aligned.tokenizer.get_vocab().values()) - set(base.tokenizer.get_vocab().values())
    return sorted(each for each in added | (set(stop_tokens(aligned)) - set(stop_tokens(base))) if each < shared)


def _rows(model: Model) -> int:
    return int(model.network.get_input_embeddings().weight.shape[0])
