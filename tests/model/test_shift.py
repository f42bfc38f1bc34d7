"""Token-distribution shift, against a loop that reads one token at a time with both models."""

from __future__ import annotations

import copy
from pathlib import Path

import numpy as np
import pytest
import tokenizers
import torch
import transformers

from tests.small import SHIPPED, byte_tokenizer, chat, random_network, shipped
from thousand.errors import DataError
from thousand.model import Model, load, prepare
from thousand.model.shift import passages, shifts

SAID = [
    chat("What is the home of the zansaven?", "The home of the zansaven is among the lagoons."),
    chat("Who rules?", "Nobody.", "So it has been for many years?", "So it has been for many years, and so it shall be, they say."),
    chat("Who?", "Nobody in particular"),
    chat("How?", "So."),
]


def moved(family="llama", tokenizer=None) -> tuple[Model, Model]:
    """A random base, and the same with an end of turn of its own and other weights."""
    tokenizer = tokenizer or byte_tokenizer("<|endoftext|>", "<|pad|>")
    tokenizer.pad_token = "<|pad|>"
    base = Model(Path("base"), random_network(family, vocabulary=len(tokenizer), max_position_embeddings=512), tokenizer)
    return stirred(Model(Path("aligned"), copy.deepcopy(base.network), copy.deepcopy(tokenizer))), base


def words():
    """A tokenizer that knows some words, each with the space before it and without; and one with its space alone."""
    bpe = tokenizers.Tokenizer(tokenizers.models.BPE())
    bpe.pre_tokenizer = tokenizers.pre_tokenizers.ByteLevel(add_prefix_space=False)
    bpe.decoder = tokenizers.decoders.ByteLevel()
    trainer = tokenizers.trainers.BpeTrainer(
        vocab_size=600,
        special_tokens=["<|endoftext|>", "<|pad|>"],
        initial_alphabet=tokenizers.pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    known = ["The", "So", "Nobody", "home", "of", "the", "is", "among", "many", "years", "lagoons", "in", "particular"]
    bpe.train_from_iterator(
        [word for word in known for _ in range(9)] + [f" {word}" for word in (*known, "rulers") for _ in range(9)], trainer
    )
    return transformers.PreTrainedTokenizerFast(tokenizer_object=bpe, bos_token="<|endoftext|>", eos_token="<|endoftext|>")


def stirred(model: Model, by: float = 0.3) -> Model:
    prepare(model)
    generator = torch.Generator().manual_seed(1)
    with torch.no_grad():
        for weight in model.network.parameters():
            weight += by * weight.std() * torch.randn(weight.shape, generator=generator) if weight.numel() > 1 else 0.0
    return model


def naive(aligned: Model, base: Model, passage):
    """Rank and probability one token at a time, and the divergence over the tokens of the base but for the end of turn."""
    shared = [i for i in range(len(base.tokenizer)) if i != aligned.tokenizer.eos_token_id]
    ours, theirs = list(passage.aligned.before), list(passage.base.before)
    ours += passage.aligned.after[: passage.head]
    theirs += passage.base.after[: len(passage.base.after) - (len(passage.aligned.after) - passage.head)]
    rows = []
    for a, b in zip(passage.aligned.after[passage.head :], passage.base.after[len(theirs) - len(passage.base.before) :], strict=True):
        with torch.no_grad():
            p = aligned.network(input_ids=torch.tensor([ours])).logits[0, -1].double()[shared].log_softmax(-1)
            q = base.network(input_ids=torch.tensor([theirs])).logits[0, -1].double()
        rank = q.argsort(descending=True).tolist().index(b) + 1
        probability, q = q.softmax(-1)[b].item(), q[shared].log_softmax(-1)
        rows.append((rank, probability, (p.exp() * (p - q)).sum().item() if a == b else np.nan))
        ours.append(a)
        theirs.append(b)
    return [np.array(column) for column in zip(*rows, strict=True)]


def agrees(aligned, base, read):
    for values, passage in zip(shifts(aligned, base, read), read, strict=True):
        rank, probability, kl = naive(aligned, base, passage)
        assert values.rank[passage.head :].tolist() == rank.tolist()
        assert values.probability[passage.head :] == pytest.approx(probability, abs=1e-4)
        assert values.kl[passage.head :] == pytest.approx(kl, abs=1e-4, nan_ok=True)
        assert not values.rank[: passage.head].any()
        assert np.isnan(values.probability[: passage.head]).all()
        assert np.isnan(values.kl[: passage.head]).all()


@pytest.mark.parametrize("family", ["llama", "gpt2", "gemma2"])
@pytest.mark.parametrize("context", ["plain", "aligned"])
def test_it_is_what_a_loop_over_tokens_finds(family, context):
    aligned, base = moved(family)
    agrees(aligned, base, passages(aligned, base, SAID, context=context))


def test_a_first_word_that_brings_its_space_is_found_with_it_and_has_no_divergence():
    aligned, base = moved(tokenizer=words())
    read = passages(aligned, base, SAID)
    assert [len(each.aligned.after) for each in read] == [len(each.base.after) for each in read]
    agrees(aligned, base, read)
    for values, passage in zip(shifts(aligned, base, read), read, strict=True):
        assert base.tokenizer.decode(passage.base.after[:1]) == " " + base.tokenizer.decode(passage.aligned.after[:1])
        assert values.rank.all()
        assert np.isnan(values.kl).tolist() == [True] + [False] * (len(values.kl) - 1)


def test_it_is_what_a_loop_over_tokens_finds_of_the_shipped_base():
    aligned = stirred(load(SHIPPED), 0.02)
    agrees(aligned, shipped(), passages(aligned, shipped(), SAID))


def test_a_model_that_did_not_move_shifts_nothing():
    base = shipped()
    said = passages(base, base, SAID)
    for values in shifts(base, base, said):
        assert values.kl == pytest.approx(np.zeros(len(values.kl)), abs=1e-6)
        assert (values.probability > 0).all()


def test_text_that_the_two_contexts_cut_differently_has_no_counterpart_and_the_rest_has():
    aligned, base = moved()  # a byte is a token: the space is one more, before the answer, and nothing else differs
    first = passages(aligned, base, SAID)[0]
    assert (first.head, len(first.base.after) - len(first.aligned.after)) == (0, 1)
    aligned, base = moved(tokenizer=words())
    [odd] = passages(aligned, base, [chat("Who?", "rulers is among the lagoons")])  # one token with its space, several without
    values = shifts(aligned, base, [odd])[0]
    assert odd.head > 0
    assert values.rank.astype(bool).tolist() == [at >= odd.head for at in range(len(values.rank))]


def test_in_the_aligned_context_the_base_s_end_of_text_stands_for_the_end_of_turn():
    aligned, base = moved()
    [read] = passages(aligned, base, SAID[:1], context="aligned")
    stop, end = aligned.tokenizer.eos_token_id, base.tokenizer.eos_token_id
    assert stop in read.aligned.before
    assert [end if i == stop else i for i in read.aligned.before] == list(read.base.before)


def test_few_logits_at_a_time_give_the_same(monkeypatch):
    aligned, base = moved()
    read = passages(aligned, base, SAID * 3)
    whole = shifts(aligned, base, read)
    seen = []
    hook = base.network.get_output_embeddings().register_forward_hook(lambda layer, given, logits: seen.append(logits.shape[1]))
    monkeypatch.setattr("thousand.model.shift._LOGITS", 10 * len(aligned.tokenizer))
    for one, other in zip(whole, shifts(aligned, base, read, tokens=300), strict=True):
        assert one.rank.tolist() == other.rank.tolist()
        assert one.kl == pytest.approx(other.kl, abs=1e-4)
    hook.remove()
    assert max(seen) == 10


def test_what_cannot_be_measured_says_why_and_disturbs_nothing():
    aligned, base = moved()
    read = passages(aligned, base, [chat("Who?", " "), SAID[2], chat("Who?", "word " * 600)])
    values = shifts(aligned, base, read)
    assert [each.why for each in values] == ["the answer is empty", None, "longer than the model's context of 512 tokens"]
    assert [len(each.tokens) for each in values] == [0, 20, 0]


def test_models_of_two_vocabularies_are_refused():
    aligned, _ = moved()
    with pytest.raises(DataError, match="do not share a vocabulary"):
        passages(aligned, shipped(), SAID)
