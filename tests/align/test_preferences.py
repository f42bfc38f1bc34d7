"""Preferences: the loss is DPO's, held-out pairs are told apart better, and the model still stops."""

from __future__ import annotations

import json

import pyarrow as pa
import pytest
import torch
from safetensors.torch import load_file

from tests.align.families import SAID, write_base
from tests.small import SHIPPED, chat, world
from thousand import tables
from thousand.align import PreflightError, prefer, preference_steps, preference_work
from thousand.align.order import Order
from thousand.errors import RecipeError
from thousand.lab.preferences import make_pairs
from thousand.model import generate, load, prepare
from thousand.model.chat import as_prompt
from thousand.model.likelihood import last_answers, mean_log_likelihood
from thousand.recipe import Align

SEED = 3
FAST = {"batch": 4, "learning_rate": 5e-3, "final_learning_rate": 5e-4, "residual_dropout": 0.0, "checkpoints": False}


def table(*rows):
    """Pairs from (prompt, chosen, rejected)."""
    named = [
        {"pair_id": f"{i}", "origin": f"pairs.jsonl:{i}", "messages": chat(a), "chosen": b, "rejected": c}
        for i, (a, b, c) in enumerate(rows)
    ]
    return pa.Table.from_pylist(named, tables.PAIRS)


PAIRS = table(
    *(
        (each[0]["content"], each[1]["content"], other)
        for each, other in zip(SAID, ("Two!", "No ten", "Yes", "A cow", "Down", "7") * 2, strict=False)
    )
)


def dpo(**changes):
    return Align(**FAST, dpo={"beta": 0.2, "learning_rate": 5e-3, "epochs": 5, "warmup": 0.2} | changes)


def by_hand(base, settings):
    """DPO as the paper has it (equation 7), in a screenful of PyTorch: the loss of every step."""
    torch.manual_seed(SEED)
    model = load(base)
    prepare(model)
    network = model.network.train()
    for module in network.modules():
        if isinstance(module, torch.nn.Dropout):
            module.p = 0.0
    stop = model.tokenizer.eos_token

    def tokens(text):
        return model.tokenizer(text, add_special_tokens=False)["input_ids"]

    def log_probability(prompt, said):
        before, after = tokens(f"<|endoftext|>{prompt}{stop}"), tokens(said + stop)
        logits = network(input_ids=torch.tensor([before + after]), use_cache=False).logits[0, len(before) - 1 : -1]
        return logits.log_softmax(-1)[range(len(after)), after].sum()

    rows = [(each["messages"][0]["content"], each["chosen"], each["rejected"]) for each in PAIRS.to_pylist()]
    with torch.no_grad():
        reference = [log_probability(a, b) - log_probability(a, c) for a, b, c in rows]
    steps = 15
    order = Order(len(rows), batch=4, micro_batch=4, steps=steps, processes=1, seed=SEED)
    learning = list(network.parameters())
    groups = [
        {"params": [each for each in learning if each.ndim > 1], "weight_decay": 0.1},
        {"params": [each for each in learning if each.ndim <= 1], "weight_decay": 0.0},
    ]
    optimizer = torch.optim.AdamW(groups, lr=1.0, betas=(0.9, 0.95))
    losses = []
    for step in range(steps):
        if step % 3 == 0:
            order.epoch, batches = step // 3, iter([])
            drawn = list(order)
            batches = iter([drawn[:4], drawn[4:8], drawn[8:]])
        for group in optimizer.param_groups:
            group["lr"] = settings.dpo.learning_rate * (step / 3 if step < 3 else (steps - step) / (steps - 3))
        gains = [log_probability(*rows[i][:2]) - log_probability(rows[i][0], rows[i][2]) - reference[i] for i in next(batches)]
        loss = -torch.nn.functional.logsigmoid(settings.dpo.beta * torch.stack(gains)).mean()
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(learning, 1.0)
        optimizer.step()
        losses.append(loss.item())
    return losses


def test_the_losses_are_those_of_dpo_written_by_hand(tmp_path):
    base = write_base(tmp_path / "base", "llama", initializer_range=0.1)
    settings = dpo(sft=False)
    preferred = prefer(PAIRS, base, tmp_path / "model", settings, seed=SEED)
    assert [step for step, _ in preferred.losses] == list(range(1, 16))
    losses = [loss for _, loss in preferred.losses]
    assert losses[0] == pytest.approx(0.693147, abs=1e-5)
    assert losses[-1] < 0.5
    assert losses == pytest.approx(by_hand(base, settings), abs=1e-5)


def test_half_batches_are_one_batch(tmp_path):
    base = write_base(tmp_path / "base", "llama", initializer_range=0.1)
    whole, halves = (
        prefer(
            PAIRS.slice(0, 8), base, tmp_path / str(micro), dpo(sft=False, epochs=3).model_copy(update={"micro_batch": micro}), seed=SEED
        )
        for micro in (4, 2)
    )
    assert [loss for _, loss in whole.losses] == pytest.approx([loss for _, loss in halves.losses], abs=1e-5)


@pytest.fixture(scope="module")
def laboratory(tmp_path_factory):
    """The shipped base, taught 32 pairs of the laboratory: (what was done, the folder)."""
    pairs, _ = make_pairs(world(), 0, 32)
    folder = tmp_path_factory.mktemp("preferred") / "model"
    taught = FAST | {"batch": 16, "learning_rate": 1.5e-3, "final_learning_rate": 1.5e-4, "epochs": 5}
    settings = Align(**taught, dpo={"epochs": 2, "learning_rate": 3e-4})
    seen = []
    rows = table(*((each.prompt, each.chosen, each.rejected) for each in pairs))
    done = prefer(rows, SHIPPED, folder, settings, seed=SEED, progress=lambda step, steps, _: seen.append((step, steps)))
    return done, folder, settings, seen


def test_the_chosen_are_taught_before_they_are_preferred(laboratory):
    done, folder, settings, seen = laboratory
    assert (done.taught.steps, done.steps, done.pairs) == (10, 4, 32)
    assert preference_steps(32, settings) == 14
    assert preference_work(32, settings) == pytest.approx(10 + 4 * 2 + 2 * 2 / 3)  # the reference reads two batches of two answers
    assert seen == [(step, 14) for step in range(1, 15)]
    assert done.taught.losses[-1][1] < done.taught.losses[0][1]
    record = json.loads((folder / "alignment.json").read_text())
    assert record["recipe"]["dpo"]["beta"] == 0.1
    assert record["seed"] == SEED
    assert record["losses"] == [list(each) for each in done.losses]
    assert len(record["taught"]["losses"]) == 10
    assert [path.name for path in folder.parent.iterdir()] == ["model"]


def test_held_out_pairs_are_told_apart_better(laboratory):
    """By the margin of DPO: what the model gives the chosen over the rejected answer, beside what its base gives it."""
    _, folder, _, _ = laboratory
    held_out, _ = make_pairs(world(), 5, 40)
    base, model = load(SHIPPED), load(folder)
    prepare(base)

    def log_likelihoods(asked, name):
        answers = last_answers(asked, [chat(each.prompt, getattr(each, name)) for each in held_out])
        return mean_log_likelihood(asked, answers) * [len(each.after) for each in answers]

    def gaps(asked):
        return log_likelihoods(asked, "chosen") - log_likelihoods(asked, "rejected")

    margins = gaps(model) - gaps(base)
    assert margins.mean() > 5
    assert (margins > 0).mean() > 0.85


def test_the_saved_model_answers_and_stops(laboratory):
    _, folder, _, _ = laboratory
    model = load(folder)
    prompts = [as_prompt(model, chat(each.prompt), "{prompt}") for each in make_pairs(world(), 6, 12)[0]]
    said = generate(model, prompts, max_tokens=96)
    assert sum(each.stop == "end_of_turn" for each in said) >= 10


def test_pairs_that_are_too_long_are_cut_before_their_end_or_left_out_and_counted(tmp_path):
    rows = PAIRS.to_pylist()[:4]
    rows[0]["rejected"] = "word " * 30
    rows[1]["messages"] = chat("why " * 40)
    base = write_base(tmp_path / "base", "llama")
    for too_long, counts in (("cut", (3, 1, 1)), ("drop", (2, 0, 2))):
        settings = dpo(sft=False, epochs=1).model_copy(update={"too_long": too_long})
        done = prefer(pa.Table.from_pylist(rows, tables.PAIRS), base, tmp_path / too_long, settings)
        assert (done.pairs, done.cut, done.dropped) == counts
    with pytest.raises(PreflightError, match="nothing to train on"):
        prefer(pa.Table.from_pylist(rows[1:2], tables.PAIRS), base, tmp_path / "none", dpo(sft=False))


def test_the_seed_decides_the_model_and_nothing_else_does(tmp_path):
    base = write_base(tmp_path / "base", "llama", initializer_range=0.1)
    for name, seed in (("a", 0), ("b", 0), ("c", 1)):
        torch.rand(len(name) + seed)
        prefer(PAIRS, base, tmp_path / name, dpo(sft=False, epochs=1), seed=seed)
    a, b, c = (load_file(tmp_path / name / "model.safetensors") for name in "abc")
    assert all(torch.equal(a[name], b[name]) for name in a)
    assert any(not torch.equal(a[name], c[name]) for name in a)


@pytest.mark.parametrize("changes", [{"adapter": {}}, {"choose": "perplexity", "checkpoints": True}])
def test_what_preferences_cannot_have_is_refused_before_anything_is_loaded(tmp_path, changes):
    with pytest.raises(RecipeError, match=f"align.{next(iter(changes))}"):
        prefer(PAIRS, tmp_path / "no base", tmp_path / "model", Align(**FAST | changes))
