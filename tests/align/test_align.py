"""Training: the same by seed, resumed to the bit, and the model stops."""

from __future__ import annotations

import json
import sys

import pyarrow as pa
import pytest
import torch
from safetensors.torch import load_file

from tests.small import SHIPPED, byte_tokenizer, chat, random_network, world
from thousand import tables
from thousand.align import align, epochs_in, planned_steps
from thousand.answer import answer
from thousand.errors import RecipeError
from thousand.lab.pool import make_pool
from thousand.model import load
from thousand.recipe import Align, Answer

FAST = {"batch": 4, "learning_rate": 5e-4, "final_learning_rate": 5e-5, "residual_dropout": 0.0, "checkpoints": False}


def selection(rows: int = 12):
    """Good rows of the laboratory, no two prompts alike."""
    candidates, _ = make_pool(world(), 3, 60, mix={"good": 1.0}, skewed=False)
    distinct = {each.prompt: each for each in candidates}
    messages = [chat(each.prompt, each.response) for each in list(distinct.values())[:rows]]
    return pa.table({"messages": pa.array(messages, tables.MESSAGES)})


def weights(folder):
    return load_file(folder / "model.safetensors")


def same(a, b):
    return a.keys() == b.keys() and all(torch.equal(a[name], b[name]) for name in a)


@pytest.fixture
def batches(monkeypatch):
    """The token ids of every forward pass in training, in order."""
    seen = []

    def watched(*arguments, **options):
        model = load(*arguments, **options)
        pads = model.tokenizer

        def note(module, _args, kwargs):
            if module.training:
                rows = kwargs["input_ids"].tolist()
                seen.append([[token for token in row if token != pads.pad_token_id] for row in rows])

        model.network.model.register_forward_pre_hook(note, with_kwargs=True)
        return model

    monkeypatch.setattr(sys.modules["thousand.align.align"], "load", watched)
    return seen


def test_accumulated_small_batches_are_one_large_one(tmp_path):
    """Token for token: the loss is a mean over the batch's labelled tokens, not over micro-batches."""
    settings = [Align(**FAST, steps=4), Align(**FAST, steps=4, micro_batch=1)]
    once, often = (align(selection(), SHIPPED, tmp_path / str(i), each, seed=1) for i, each in enumerate(settings))
    assert [loss for _, loss in once.losses] == pytest.approx([loss for _, loss in often.losses], abs=1e-4)


def test_every_step_sees_exactly_the_batch_and_every_epoch_every_example(tmp_path, batches):
    aligned = align(selection(), SHIPPED, tmp_path / "model", Align(**FAST, epochs=2), seed=0)
    assert aligned.steps == 6 == planned_steps(12, Align(**FAST, epochs=2))
    assert aligned.epochs == 2
    assert [len(rows) for rows in batches] == [4] * 6
    first, second = ([tuple(row) for rows in batches[start : start + 3] for row in rows] for start in (0, 3))
    assert len(set(first)) == 12
    assert set(first) == set(second)
    assert first != second


def test_steps_that_end_an_epoch_early_or_go_beyond_it(tmp_path, batches):
    aligned = align(selection(), SHIPPED, tmp_path / "model", Align(**FAST, steps=5), seed=0)
    assert (aligned.steps, len(batches), aligned.epochs) == (5, 5, 1.67)


def test_the_learning_rate_falls_linearly_from_the_first_to_the_last(tmp_path, monkeypatch):
    rates = []
    step = torch.optim.AdamW.step

    def noted(self, *arguments, **options):
        rates.append({group["lr"] for group in self.param_groups})
        return step(self, *arguments, **options)

    monkeypatch.setattr(torch.optim.AdamW, "step", noted)
    align(selection(), SHIPPED, tmp_path / "model", Align(**FAST, steps=9), seed=0)
    [each] = {len(rate) for rate in rates}
    assert each == 1
    assert [rate.pop() for rate in rates] == pytest.approx([5e-4 - 5e-5 * step for step in range(9)])  # no warm-up; the floor comes after


def test_the_seed_decides_order_and_dropout_and_nothing_else_does(tmp_path):
    settings = Align(**FAST | {"residual_dropout": 0.3}, steps=3)
    for name, seed in (("a", 0), ("b", 0), ("c", 1)):
        torch.rand(len(name) + seed)  # whatever happened before
        align(selection(), SHIPPED, tmp_path / name, settings, seed=seed)
    a, b, c = (weights(tmp_path / name) for name in "abc")
    assert same(a, b)
    assert not same(a, c)


def test_rows_that_are_added_to_a_base_are_decided_by_the_seed_too(tmp_path):
    """A base without a token to spare: the end of turn and the pad token get new rows, which start with some noise."""
    tokenizer = byte_tokenizer("<|endoftext|>")
    tokenizer.save_pretrained(tmp_path / "base")
    random_network(vocabulary=len(tokenizer), max_position_embeddings=512).save_pretrained(tmp_path / "base")
    for name in "ab":
        torch.rand(ord(name))
        align(selection(), tmp_path / "base", tmp_path / name, Align(**FAST, steps=1), seed=0)
    assert same(weights(tmp_path / "a"), weights(tmp_path / "b"))
    assert len(weights(tmp_path / "a")["model.embed_tokens.weight"]) == len(tokenizer) + 2


def test_what_was_done_is_written_beside_the_model(tmp_path):
    settings = Align(**FAST | {"residual_dropout": 0.3}, steps=2)
    aligned = align(selection(), SHIPPED, tmp_path / "model", settings, seed=5)
    record = json.loads((tmp_path / "model" / "alignment.json").read_text())
    assert record["seed"] == 5
    assert record["recipe"] == settings.model_dump()
    assert record["residual_dropout_by_layer"] == pytest.approx([0, 0.1, 0.2, 0.3])
    assert record["losses"] == [list(each) for each in aligned.losses]
    assert aligned.examples == 12
    assert "[" in aligned.shown


def test_a_long_example_is_counted_whether_cut_or_dropped(tmp_path):
    rows = selection(6)["messages"].to_pylist()
    rows[0][1]["content"] = "word " * 700
    table = pa.table({"messages": pa.array(rows, tables.MESSAGES)})
    for too_long, counts in (("cut", (6, 1, 0)), ("drop", (5, 0, 1))):
        aligned = align(table, SHIPPED, tmp_path / too_long, Align(**FAST, steps=1, too_long=too_long), seed=0)
        assert (aligned.examples, aligned.cut, aligned.dropped) == counts


def test_ten_examples_are_learnt_and_every_answer_ends_by_itself(tmp_path):
    """Trained until it knows ten answers by heart, the model says each of them, greedily, and stops."""
    rows = selection(10)
    align(rows, SHIPPED, tmp_path / "model", Align(**FAST | {"batch": 10, "learning_rate": 2e-3}, steps=60), seed=0)
    conversations = rows["messages"].to_pylist()
    asked = pa.array([each[:1] for each in conversations], tables.MESSAGES)
    prompts = pa.table({"prompt_id": [str(i) for i in range(10)], "messages": asked})
    answers = answer(tmp_path / "model", prompts, Answer(temperature=0, repetition_penalty=1, max_tokens=96))
    assert answers["stop"].to_pylist() == ["end_of_turn"] * 10
    assert answers["answer"].to_pylist() == [each[1]["content"] for each in conversations]


class Interruption(Exception):
    """The plug is pulled."""


def test_training_that_was_interrupted_ends_as_if_it_had_not_been(tmp_path):
    settings = Align(**FAST | {"residual_dropout": 0.3, "checkpoints": True}, epochs=5)

    def unplugged(step, _steps, _loss):
        if step == 8:  # in the third epoch of three steps each
            raise Interruption

    through = align(selection(), SHIPPED, tmp_path / "through", settings, seed=2, checkpoints=tmp_path / "kept")
    with pytest.raises(Interruption):
        align(selection(), SHIPPED, tmp_path / "resumed", settings, seed=2, checkpoints=tmp_path / "interrupted", progress=unplugged)
    assert not (tmp_path / "resumed").exists()
    resume = tmp_path / "interrupted" / "resume"
    assert [path.name for path in resume.glob("checkpoint-*")] == ["checkpoint-6"]
    (resume / "checkpoint-8").mkdir()  # half a checkpoint: the trainer's state is not there yet
    (resume / "checkpoint-8" / "model.safetensors").write_bytes(b"half")

    seen = []
    resumed = align(
        selection(),
        SHIPPED,
        tmp_path / "resumed",
        settings,
        seed=2,
        checkpoints=tmp_path / "interrupted",
        progress=lambda step, *_: seen.append(step),
    )
    assert seen == list(range(7, 16))
    assert same(weights(tmp_path / "through"), weights(tmp_path / "resumed"))
    assert resumed.losses == through.losses
    assert not resume.exists()
    for epoch, folder in epochs_in(tmp_path / "kept").items():
        assert same(weights(folder), weights(epochs_in(tmp_path / "interrupted")[epoch]))


def test_a_checkpoint_per_epoch_is_a_model_that_can_be_asked(tmp_path):
    align(selection(), SHIPPED, tmp_path / "model", Align(**FAST | {"checkpoints": True}, epochs=2), seed=0, checkpoints=tmp_path / "c")
    assert sorted(path.name for path in (tmp_path / "c").iterdir()) == ["alignment.json", "epoch-01", "epoch-02"]
    last = load(tmp_path / "c" / "epoch-02")
    assert last.chats
    kept, whole = weights(tmp_path / "c" / "epoch-02"), weights(tmp_path / "model")
    assert same(kept, {name: each.to(torch.bfloat16) for name, each in whole.items()})
    assert json.loads((tmp_path / "c" / "epoch-02" / "config.json").read_text())["dtype"] == "bfloat16"


def test_steps_that_end_within_an_epoch_leave_a_checkpoint_of_it(tmp_path):
    settings = Align(**FAST | {"checkpoints": True, "keep": "float32"}, steps=5)  # three an epoch
    align(selection(), SHIPPED, tmp_path / "model", settings, seed=0, checkpoints=tmp_path / "c")
    assert list(epochs_in(tmp_path / "c")) == [1, 2]
    assert same(weights(tmp_path / "c" / "epoch-02"), weights(tmp_path / "model"))


def test_what_was_killed_after_its_last_step_has_all_of_it_already(tmp_path, monkeypatch):
    """Five steps, three an epoch: the state after the fifth is whole, and nothing of it is written again."""
    settings = Align(**FAST | {"checkpoints": True}, steps=5)
    with monkeypatch.context() as patched:
        patched.setattr("thousand.align.adapters.save", lambda *_: (_ for _ in ()).throw(Interruption))
        with pytest.raises(Interruption):
            align(selection(), SHIPPED, tmp_path / "model", settings, seed=0, checkpoints=tmp_path / "c")
    states = {path: path.stat().st_mtime_ns for path in (tmp_path / "c").rglob("*.*") if path.is_file()}
    assert any("resume" in str(path) for path in states)
    kept = {path for path in states if "epoch-" in str(path)}
    align(selection(), SHIPPED, tmp_path / "model", settings, seed=0, checkpoints=tmp_path / "c")
    assert {path: path.stat().st_mtime_ns for path in kept} == {path: states[path] for path in kept}
    align(selection(), SHIPPED, tmp_path / "through", settings, seed=0)
    assert same(weights(tmp_path / "model"), weights(tmp_path / "through"))


def test_a_folder_of_something_else_is_not_written_over(tmp_path):
    (tmp_path / "thesis").mkdir()
    (tmp_path / "thesis" / "chapter.txt").write_text("long work")
    with pytest.raises(RecipeError, match="something else than a model"):
        align(selection(), SHIPPED, tmp_path / "thesis", Align(**FAST, steps=1), seed=0)
    assert (tmp_path / "thesis" / "chapter.txt").read_text() == "long work"
    (tmp_path / "empty").mkdir()
    align(selection(), SHIPPED, tmp_path / "empty", Align(**FAST, steps=1), seed=0)
    (tmp_path / "empty" / "of the last training.txt").touch()
    align(selection(), SHIPPED, tmp_path / "empty", Align(**FAST, steps=1), seed=0)
    assert not (tmp_path / "empty" / "of the last training.txt").exists()


def test_training_writes_the_model_and_nothing_else(tmp_path, monkeypatch):
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    before = tables.digest(SHIPPED)
    align(selection(), SHIPPED, tmp_path / "model", Align(**FAST, steps=1), seed=0)
    assert tables.digest(SHIPPED) == before
    assert sorted(path.relative_to(tmp_path).as_posix() for path in tmp_path.iterdir()) == ["here", "model"]
    assert not list((tmp_path / "here").iterdir())
    assert (tmp_path / "model" / "model.safetensors").is_file()
    assert not [path for path in (tmp_path / "model").iterdir() if path.suffix in (".bin", ".pt", ".md")]


def test_the_trainers_tile_is_no_wider_than_the_vocabulary():
    from trl.trainer import utils

    from thousand.align.common import fit_tile

    assert isinstance(utils._CHUNKED_LOGPROB_CHUNK_SIZE, int), "TRL has renamed it: training small models takes twice as long"
    for vocabulary, tile in ((2048, 2048), (150_000, 32_768)):
        fit_tile(vocabulary)
        assert tile == utils._CHUNKED_LOGPROB_CHUNK_SIZE
