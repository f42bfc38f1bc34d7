"""Every family from end to end: trained, saved, loaded again, and it stops where it should."""

from __future__ import annotations

import json
import sys

import pyarrow as pa
import pytest
import torch
from safetensors.torch import load_file

from tests.align.families import ANSWERS, FAMILIES, SAID, greedy, write_base
from thousand import tables
from thousand.align import align
from thousand.model import load
from thousand.recipe import Align

ROWS = pa.table({"messages": pa.array(SAID, tables.MESSAGES)})
LEARNING = {"batch": 10, "learning_rate": 1e-2, "final_learning_rate": 1e-3, "checkpoints": False}


class Family:
    """A base on disk, trained for five steps: in memory as training left it, and as it was loaded again."""

    def __init__(self, name, folder, monkeypatch):
        self.folder, self.base = folder, write_base(folder / "base", name)
        held = []

        def kept(*arguments, **options):
            held.append(load(*arguments, **options))
            return held[-1]

        monkeypatch.setattr(sys.modules["thousand.align.align"], "load", kept)
        self.aligned = align(ROWS, self.base, folder / "five", Align(**LEARNING, steps=5, residual_dropout=0.3), seed=0)
        [self.trained] = held
        self.trained.network.eval()
        self.loaded = load(folder / "five")


@pytest.fixture(scope="module", params=FAMILIES)
def family(request, tmp_path_factory):
    with pytest.MonkeyPatch.context() as monkeypatch:
        yield Family(request.param, tmp_path_factory.mktemp("family"), monkeypatch)


def test_five_steps_are_checked_taken_and_recorded(family):
    assert [step for step, _ in family.aligned.losses] == [1, 2, 3, 4, 5]
    assert family.aligned.losses[-1][1] < family.aligned.losses[0][1]
    assert (family.aligned.examples, family.aligned.cut, family.aligned.dropped) == (10, 0, 0)
    record = json.loads((family.folder / "five" / "alignment.json").read_text())
    assert record["residual_dropout_by_layer"] == [0.0, 0.3]


def test_the_model_that_is_loaded_is_the_one_that_was_trained(family):
    assert greedy(family.loaded) == greedy(family.trained)
    states = (each.network.state_dict() for each in (family.loaded, family.trained))
    assert all(torch.equal(a, b) for a, b in zip(*(each.values() for each in states), strict=True))


def test_what_is_saved_has_the_names_of_the_base_and_its_configuration(family):
    saved, base = (load_file(family.folder / each / "model.safetensors") for each in ("five", "base"))
    assert saved.keys() == base.keys()
    configs = [json.loads((family.folder / each / "config.json").read_text()) for each in ("five", "base")]
    ours = ("eos_token_id", "pad_token_id", "vocab_size", "dtype")
    assert {k: v for k, v in configs[0].items() if k not in ours} == {k: v for k, v in configs[1].items() if k not in ours}


def test_ten_examples_by_heart_and_every_answer_ends_by_itself(family):
    align(ROWS, family.base, family.folder / "heart", Align(**LEARNING, steps=100, residual_dropout=0.1), seed=0)
    answers = greedy(load(family.folder / "heart"))
    assert [each.stop for each in answers] == ["end_of_turn"] * 10
    assert [each.text for each in answers] == ANSWERS
