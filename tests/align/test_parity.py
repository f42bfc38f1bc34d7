"""Training is what it says: a plain loop on the same batches has the same losses, and they are those of before."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import peft
import pyarrow as pa
import pytest
import torch
from safetensors.torch import load_file

from tests.align.families import SAID, write_base
from thousand import tables
from thousand.align import adapters, align
from thousand.model import load, prepare
from thousand.recipe import Adapter, Align

STEPS, SEED = 50, 1
CURVES = Path(__file__).with_name("curves.json")
"""Losses and gradient norms, as they were when this was written: `python -m tests.align.test_parity` writes them anew."""
SETTINGS = {
    name: Align(
        batch=4,
        steps=STEPS,
        learning_rate=5e-3,
        final_learning_rate=5e-4,
        weight_decay=0.1,
        gradient_clip=0.5,
        residual_dropout=0.0,
        checkpoints=False,
        adapter=adapter,
    )
    for name, adapter in (("full", None), ("lora", Adapter(rank=4, alpha=8, dropout=0.0)))
}


class Training:
    """A training by the verb, with the batches it saw: token ids row by row, without padding."""

    def __init__(self, name, folder):
        self.name, self.settings, self.model, self.batches = name, SETTINGS[name], folder / "model", []
        self.base = write_base(folder / "base", "llama", initializer_range=0.1)
        with pytest.MonkeyPatch.context() as patched:
            patched.setattr(sys.modules["thousand.align.align"], "load", self._watched)
            patched.setattr(adapters, "load", self._watched)
            rows = pa.table({"messages": pa.array(SAID, tables.MESSAGES)})
            self.aligned = align(rows, self.base, self.model, self.settings, seed=SEED)
        self.losses, self.norms = ([value for _, value in each] for each in (self.aligned.losses, self.aligned.gradient_norms))

    def _watched(self, *arguments, **options):
        model = load(*arguments, **options)

        def note(module, _args, kwargs):
            if module.training:
                pad = model.tokenizer.pad_token_id
                self.batches.append([[token for token in row if token != pad] for row in kwargs["input_ids"].tolist()])

        model.network.model.register_forward_pre_hook(note, with_kwargs=True)
        return model


@pytest.fixture(scope="module", params=SETTINGS)
def training(request, tmp_path_factory):
    return Training(request.param, tmp_path_factory.mktemp("parity"))


def prepared(training):
    torch.manual_seed(SEED)  # of the new rows
    model = load(training.base)
    return model, prepare(model)


def plain_loop(training):
    """The recipe in a screenful of PyTorch: losses and gradient norms step by step, and the weights."""
    settings = training.settings
    model, stop = prepared(training)
    network, pad = model.network, model.tokenizer.pad_token_id
    if settings.adapter is not None:
        rows = {"embed_tokens": [stop], "lm_head": [stop]}
        torch.manual_seed(SEED)
        config = peft.LoraConfig(r=4, lora_alpha=8, target_modules="all-linear", trainable_token_indices=rows, task_type="CAUSAL_LM")
        network = peft.get_peft_model(network, config)
    learning = [each for each in network.train().parameters() if each.requires_grad]
    groups = [
        {"params": [each for each in learning if each.ndim > 1], "weight_decay": settings.weight_decay},
        {"params": [each for each in learning if each.ndim <= 1], "weight_decay": 0.0},
    ]
    optimizer = torch.optim.AdamW(groups, lr=settings.learning_rate, betas=(settings.beta1, settings.beta2))
    losses, norms = [], []
    for step, rows in enumerate(training.batches):
        rate = settings.final_learning_rate + (settings.learning_rate - settings.final_learning_rate) * (1 - step / STEPS)
        for group in optimizer.param_groups:
            group["lr"] = rate
        width = max(map(len, rows))
        ids = torch.tensor([row + [pad] * (width - len(row)) for row in rows])
        targets = torch.full_like(ids, -100)
        for i, row in enumerate(rows):
            asked = row.index(stop) + 1  # one turn each: what follows the user's end of turn is the answer
            targets[i, asked : len(row)] = ids[i, asked : len(row)]
        logits = network(input_ids=ids, attention_mask=(ids != pad).long()).logits
        loss = torch.nn.functional.cross_entropy(logits[:, :-1].flatten(0, 1), targets[:, 1:].flatten())
        optimizer.zero_grad()
        loss.backward()
        norms.append(torch.nn.utils.clip_grad_norm_(learning, settings.gradient_clip).item())
        optimizer.step()
        losses.append(loss.item())
    whole = network if settings.adapter is None else network.merge_and_unload()
    return losses, norms, whole.state_dict()


def test_fifty_steps_are_those_of_a_plain_loop(training):
    assert [step for step, _ in training.aligned.losses] == list(range(1, STEPS + 1))
    losses, norms, expected = plain_loop(training)
    assert losses[-1] < losses[0] * 2 / 3  # it does learn
    assert training.losses == pytest.approx(losses, abs=1e-5)
    assert training.norms == pytest.approx(norms, rel=1e-4)
    trained, start = load_file(training.model / "model.safetensors"), prepared(training)[0].network.state_dict()
    assert trained.keys() == start.keys() == expected.keys()
    for name, weights in trained.items():  # Adam makes much of the last bit where a gradient is all but zero
        assert (weights - expected[name]).norm() <= 0.01 * (expected[name] - start[name]).norm() + 1e-6, name


def test_losses_and_gradient_norms_are_those_that_are_written_down(training):
    """Without dropout, whose draws differ between builds of PyTorch. The tolerance is for other CPUs, which add in another order:
    without AVX the curves lie 4e-6 apart after fifty steps, and what matters, such as a missing shift of labels, is far beyond 1e-3."""
    written = json.loads(CURVES.read_text(encoding="utf-8"))[training.name]
    assert training.losses == pytest.approx(written["losses"], rel=1e-3)
    assert training.norms == pytest.approx(written["gradient_norms"], rel=1e-3)


def _write(folder):
    found = {name: Training(name, folder / name) for name in SETTINGS}
    curves = {name: {"losses": each.losses, "gradient_norms": each.norms} for name, each in found.items()}
    CURVES.write_text(json.dumps(curves) + "\n", encoding="utf-8")


if __name__ == "__main__":
    import tempfile

    with tempfile.TemporaryDirectory() as scratch:
        _write(Path(scratch))
