"""Adapters: gradients of many examples in one pass are those of each by itself, and training is that of a plain loop."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest
import torch

from tests.small import byte_tokenizer, chat, random_network
from thousand.errors import RecipeError
from thousand.model import Model, lora, prepare
from thousand.model.chat import IGNORED, encode
from thousand.model.lora import Adapter

pytest.importorskip("peft")

SAID = [
    chat("What is the home of the zansaven?", "Among the lagoons."),
    chat("Who?", "Nobody."),
    chat("Who rules?", "Nobody.", "So it has been?", "So it has been for many years."),
    chat("How?", "So."),
    chat("Why?", "It is so."),
]


def small(family="llama", **settings):
    tokenizer = byte_tokenizer("<|endoftext|>", "<|pad|>")
    tokenizer.pad_token = "<|pad|>"
    network = random_network(family, layers=2, vocabulary=len(tokenizer), max_position_embeddings=512)
    model = Model(Path("small"), network, tokenizer)
    prepare(model)
    examples = encode(model, SAID, loss_on="responses", max_tokens=500, too_long="cut").examples
    return Adapter(model, **{"rank": 2, "alpha": 8.0} | settings), examples


def loss(network, example):
    """The mean over the tokens that are learnt."""
    logits = network(input_ids=torch.tensor([example.tokens])).logits[0, :-1]
    return torch.nn.functional.cross_entropy(logits, torch.tensor(example.labels[1:]), ignore_index=IGNORED)


def learning(adapter):
    return [each for each in adapter.model.network.parameters() if each.requires_grad]


def naive(adapter, examples):
    found = []
    for example in examples:
        adapter.model.network.zero_grad()
        loss(adapter.model.network, example).backward()
        found.append(torch.cat([each.grad.flatten() for each in learning(adapter)]))
    adapter.model.network.zero_grad()
    return torch.stack(found)


def gathered(adapter, examples):
    whole = torch.full((len(examples), adapter.size), torch.nan)
    for rows, gradients in adapter.gradients(examples):
        whole[rows] = gradients
    return whole


@pytest.mark.parametrize("family", ["llama", "gpt2", "gpt_neox", "gemma2", "opt"])
def test_each_gradient_is_that_of_the_example_by_itself_in_every_family(family, monkeypatch):
    adapter, examples = small(family)
    adapter.train(examples, epochs=2, batch=2, rate=1e-2)  # before it one of each pair is zero, and so is the other's gradient
    expected = naive(adapter, examples)
    assert expected.abs().max() > 1e-2
    torch.testing.assert_close(gathered(adapter, examples), expected, atol=1e-5, rtol=1e-4)
    monkeypatch.setattr(lora, "_FLOATS", 2 * adapter.size)
    assert [len(rows) for rows, _ in adapter.gradients(examples)] == [2, 2, 1]
    torch.testing.assert_close(gathered(adapter, examples), expected, atol=1e-5, rtol=1e-4)


def test_only_the_adapter_learns():
    adapter, examples = small()
    before = {name: each.clone() for name, each in adapter.model.network.state_dict().items()}
    adapter.train(examples, epochs=1, batch=2, rate=1e-2)
    changed = {name for name, each in adapter.model.network.state_dict().items() if not torch.equal(each, before[name])}
    assert changed
    assert all(".lora_" in name for name in changed)
    assert adapter.size == sum(each.numel() for each in learning(adapter))


def test_training_is_adam_with_a_rate_that_falls_to_zero():
    adapter, examples = small(dropout=0.0)
    plain, _ = small(dropout=0.0)
    checkpoints = adapter.train(examples, epochs=2, batch=2, rate=1e-2)
    weights = learning(plain)
    optimizer = torch.optim.AdamW(weights, lr=1e-2, weight_decay=0.0)
    order = np.random.default_rng(0)
    step, ends = 0, []
    for _ in range(2):
        shuffled = order.permutation(5)
        for rows in (shuffled[:2], shuffled[2:4], shuffled[4:]):
            optimizer.param_groups[0]["lr"] = 1e-2 * (1 - step / 6)
            optimizer.zero_grad()
            torch.stack([loss(plain.model.network, examples[row]) for row in rows]).mean().backward()
            torch.nn.utils.clip_grad_norm_(weights, 1.0)
            optimizer.step()
            step += 1
        ends.append(torch.cat([each.detach().flatten() for each in weights]))
    for checkpoint, end in zip(checkpoints, ends, strict=True):
        torch.testing.assert_close(checkpoint.weights, end, atol=1e-4, rtol=1e-3)
    squares = torch.cat([optimizer.state[each]["exp_avg_sq"].flatten() for each in weights])
    torch.testing.assert_close(checkpoints[1].square, squares, atol=1e-6, rtol=1e-2)
    assert [each.rate for each in checkpoints] == pytest.approx([1e-2 * 5 / 6, 1e-2 * 2 / 6])


def test_without_peft_the_error_says_how_to_get_it(monkeypatch):
    monkeypatch.setitem(sys.modules, "peft", None)
    with pytest.raises(RecipeError, match=r"peft is not installed\.\s+Install it: pip install peft"):
        small()


def test_a_checkpoint_is_put_back():
    adapter, examples = small()
    first, last = adapter.train(examples, epochs=2, batch=2, rate=1e-2)
    late = gathered(adapter, examples)
    adapter.restore(first)
    assert not torch.allclose(gathered(adapter, examples), late)
    adapter.restore(last)
    assert torch.equal(gathered(adapter, examples), late)


def test_a_seed_is_a_training_and_disturbs_no_other_draw():
    torch.manual_seed(5)
    expected = torch.rand(3)
    torch.manual_seed(5)
    ends = []
    for seed in (0, 0, 1):
        adapter, examples = small(seed=seed)
        torch.manual_seed(5)
        ends.append(adapter.train(examples, epochs=1, batch=2, rate=1e-2)[0].weights)
    assert torch.equal(torch.rand(3), expected)
    assert torch.equal(ends[0], ends[1])
    assert not torch.equal(ends[0], ends[2])
