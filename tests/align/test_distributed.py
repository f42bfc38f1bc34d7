"""Two processes train what one does: the same examples in every step, the same losses, the same model."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from safetensors.torch import load_file

from tests.align.launched import train
from tests.align.test_align import selection
from thousand.align import align, processes
from thousand.align.accelerate import config
from thousand.align.order import Order
from thousand.errors import RecipeError
from thousand.model import load
from thousand.recipe import Align

ROOT = Path(__file__).parents[2]
RAMP = {"rows": 11, "batch": 8, "residual_dropout": 0.3, "checkpoints": True, "keep": "float32"}
CASES = {
    "shared": [  # each process keeps a part of the weights
        ("equal", {"rows": 40, "batch": 32, "micro_batch": 8}),
        ("filled", {"rows": 11, "batch": 8, "micro_batch": 4, "gradient_checkpointing": True}),
        ("ramp", RAMP),
        ("resumed", RAMP | {"stop": 3}),
        ("resumed", RAMP),
    ],
    "whole": [  # each has them all
        ("equal", {"rows": 9, "batch": 8, "micro_batch": 2}),
        ("filled", {"rows": 7, "batch": 3}),
        ("adapter", {"rows": 7, "batch": 4, "adapter": {"dropout": 0}}),
        ("failed", {"rows": 8, "batch": 4, "fail": 1}),
    ],
}


@pytest.fixture(scope="module")
def launched(tmp_path_factory):
    """The folder that two processes of accelerate's launcher have filled, what they said, and how long they took to end."""
    folder = tmp_path_factory.mktemp("launched")
    launcher = ["accelerate.commands.launch", "--config_file", str(config("fsdp2")), "--num_processes", "2", "--main_process_port", "0"]
    command = [sys.executable, "-m", *launcher, "-m", "tests.align.launched", str(folder), json.dumps(CASES)]
    environment = os.environ | {"OMP_NUM_THREADS": "1", "CUDA_VISIBLE_DEVICES": ""}
    return folder, subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=180)


def seen(folder, name):
    """What each of the two processes saw."""
    return [json.loads((folder / f"{name}-{rank}.json").read_text()) for rank in range(2)]


@pytest.mark.parametrize(
    ("kind", "name"), [("shared", "equal"), ("shared", "filled"), ("whole", "equal"), ("whole", "filled"), ("whole", "adapter")]
)
def test_two_processes_train_what_one_does(launched, tmp_path, kind, name):
    folder, done = launched[0] / kind, launched[1]
    assert (folder / f"{name}-1.json").exists(), done.stderr[-3000:]
    case = dict(CASES[kind])[name]
    alone, both = train(tmp_path, name, case), seen(folder, name)
    for each in both:
        assert each["losses"] == [[step, pytest.approx(loss, abs=1e-5)] for step, loss in alone["losses"]]
        assert each["shared_out"] == (kind == "shared")
    assert [each["told"] for each in both] == [[step for step, _ in alone["losses"]], []]
    assert len(alone["batches"]) == len(both[0]["batches"]) == len(both[1]["batches"])
    together = [first + second for first, second in zip(*(each["batches"] for each in both), strict=True)]
    assert [sorted(each) for each in together] == [sorted(each) for each in alone["batches"]]
    if case["batch"] == 32:
        assert [sum(map(len, together[i : i + 4])) for i in (0, 5)] == [32, 32]
    ones, twos = (load_file(path / name / "model.safetensors") for path in (tmp_path, folder))
    assert ones.keys() == twos.keys()
    assert all(torch.allclose(ones[key], twos[key], atol=1e-4) for key in ones)
    assert load(folder / name).chats


def test_a_training_in_parts_is_interrupted_and_goes_on_to_the_bit(launched):
    folder = launched[0] / "shared"
    through, resumed = seen(folder, "ramp"), seen(folder, "resumed")
    assert through[0]["losses"] == through[1]["losses"] == resumed[0]["losses"] == resumed[1]["losses"]
    assert len(resumed[0]["batches"]) == 2  # of four steps the last epoch's
    for part in ("", "-checkpoints/epoch-01", "-checkpoints/epoch-02"):
        a, b = (load_file(folder / f"{name}{part}" / "model.safetensors") for name in ("ramp", "resumed"))
        assert a.keys() == b.keys()
        assert all(torch.equal(a[key], b[key]) for key in a)
    assert sorted(path.name for path in (folder / "resumed-checkpoints").iterdir()) == ["alignment.json", "epoch-01", "epoch-02"]


def test_no_process_is_left_waiting_for_one_that_fails(launched):
    folder, done = launched
    assert done.returncode != 0
    assert "the first process fails" in done.stderr
    assert not (folder / "whole" / "failed-1.json").exists()


def test_every_process_draws_dropout_of_its_own_and_always_the_same(monkeypatch):
    def drawn(rank):
        monkeypatch.setenv("LOCAL_RANK", str(rank))
        monkeypatch.setenv("RANK", str(rank))
        torch.manual_seed(3)
        processes.part(3)
        return torch.rand(4).tolist()

    first, second, third = (drawn(rank) for rank in range(3))
    assert first != second != third != first
    assert drawn(1) == second
    torch.manual_seed(3)
    assert torch.rand(4).tolist() == first  # that of a process alone


@given(examples=st.integers(1, 40), batches=st.integers(1, 4), micro=st.integers(1, 9), share=st.integers(1, 5), steps=st.integers(1, 30))
@settings(deadline=None)
def test_every_epoch_deals_out_every_example_once_in_equal_shares(examples, batches, micro, share, steps):
    def dealt(processes):
        order = Order(examples, batch=micro * batches, micro_batch=micro, steps=steps, processes=processes, seed=1)
        epochs = []
        for epoch in range(steps // order.steps_per_epoch):  # the whole ones
            order.epoch = epoch
            rows = list(order)
            assert len(rows) == len(order)
            epochs.append([rows[i : i + order.share * processes] for i in range(0, len(rows), order.share * processes)])
        return epochs

    alone, together = dealt(1), dealt(share)
    for epoch in alone:
        assert sorted(row for batch in epoch for row in batch) == list(range(examples))
    if share > 1:
        assert all(len(batch) % share == 0 for epoch in together for batch in epoch)
        assert [[[row for row in batch if row < examples] for batch in epoch] for epoch in together] == alone


def test_a_training_that_goes_on_from_its_end_finds_nothing_to_do():
    order = Order(10, batch=4, micro_batch=2, steps=5, processes=1, seed=0)
    order.epoch = 1  # of three steps each: two are left, and two micro-batches in each
    assert len(list(order)) == 8
    order.epoch = 2
    assert not list(order)


def test_the_settings_of_the_launcher_are_files_that_it_reads():
    from accelerate.commands.config.config_args import load_config_from_file

    kinds = {name: load_config_from_file(str(config(name))).distributed_type for name in ("single", "ddp", "fsdp2", "zero3")}
    assert kinds == {"single": "NO", "ddp": "MULTI_GPU", "fsdp2": "FSDP", "zero3": "DEEPSPEED"}
    with pytest.raises(RecipeError, match="fsdp3") as raised:
        config("fsdp3")
    assert raised.value.remedy == "There are: ddp, fsdp2, single, zero3."


@pytest.mark.parametrize(
    ("told", "settings", "refused"),
    [
        ("ACCELERATE_USE_FSDP", {"adapter": {}}, "the launcher shares weights out"),
        ("ACCELERATE_USE_DEEPSPEED", {"preset": "lora"}, "the launcher shares weights out"),
        ("FSDP_ACTIVATION_CHECKPOINTING", {}, "it computes twice with different dropout"),
    ],
)
def test_what_a_launcher_cannot_do_is_refused_before_anything_is_loaded(monkeypatch, told, settings, refused):
    monkeypatch.setenv("LOCAL_RANK", "0")
    monkeypatch.setenv(told, "true")
    with pytest.raises(RecipeError, match=refused):
        align(selection(1), "nowhere", None, Align.model_validate(settings))


def test_weights_are_not_shared_out_among_processes_without_a_gpu(launched):
    assert "among GPUs only" in (launched[0] / "refused.txt").read_text()
