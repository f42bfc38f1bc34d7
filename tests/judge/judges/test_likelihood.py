"""How likely the models find the reference: by each model's own word, once for all samples, and deciding nothing."""

from __future__ import annotations

import shutil

import pyarrow as pa
import pytest
import torch
from safetensors.torch import load_file, save_file

from tests.judge.parts import answers, prompts
from tests.small import SHIPPED, chat, shipped
from thousand import tables
from thousand.errors import DataError, RecipeError
from thousand.judge import judge, make
from thousand.model.likelihood import last_answers, mean_log_likelihood
from thousand.recipe import Choice

LIKELIHOOD = [Choice(name="likelihood")]


def test_it_is_the_mean_log_probability_of_the_reference_after_the_prompt():
    asked = prompts({"reference": "slate"}, {}, {"reference": "brick and slate"})
    ledger = judge(
        {("a", 0): answers("x", "x", "y", "y", "z", "z", samples=2)}, LIKELIHOOD, claim="a", prompts=asked, models={("a", 0): SHIPPED}
    )
    references = [chat("question 0", "slate"), chat("question 2", "brick and slate")]
    first, second = mean_log_likelihood(shipped(), last_answers(shipped(), references))
    assert [(row["prompt_id"], row["sample"], row["criterion"]) for row in ledger.to_pylist()] == [
        (prompt, sample, "likelihood") for prompt in ("p0", "p2") for sample in (0, 1)
    ]
    assert ledger["rating"].to_pylist() == pytest.approx([first, first, second, second], abs=1e-5)
    with torch.inference_mode():  # by hand, token by token
        before = shipped().tokenizer("<|endoftext|>Question: question 0 Answer:", add_special_tokens=False)["input_ids"]
        after = shipped().tokenizer(" slate", add_special_tokens=False)["input_ids"]
        said = shipped().network(torch.tensor([before + after])).logits[0].log_softmax(-1)
        by_hand = sum(said[len(before) - 1 + i, token].item() for i, token in enumerate(after)) / len(after)
    assert first == pytest.approx(by_hand, abs=1e-4)
    assert not make(LIKELIHOOD)[0].decides


def test_in_a_dialogue_the_reference_follows_what_this_model_said_before():
    asked = prompts({"messages": [{"role": "user", "content": "one"}, {"role": "user", "content": "two"}], "reference": "slate"})
    dialogues = {seed: chat("one", said, "two", "x") for seed, said in ((0, "brick"), (1, "clay"))}
    given = {
        ("a", seed): pa.Table.from_pylist([answers("x").to_pylist()[0] | {"turns": turns}], schema=tables.ANSWERS)
        for seed, turns in dialogues.items()
    }
    ledger = judge(given, LIKELIHOOD, claim="a", prompts=asked, models={("a", 0): SHIPPED, ("a", 1): SHIPPED})
    expected = mean_log_likelihood(shipped(), last_answers(shipped(), [chat("one", said, "two", "slate") for said in ("brick", "clay")]))
    assert ledger["rating"].to_pylist() == pytest.approx(list(expected), abs=1e-5)
    assert expected[0] != pytest.approx(expected[1], abs=1e-4)


def test_without_the_models_it_says_so():
    asked = prompts({"reference": "slate"})
    with pytest.raises(
        RecipeError, match=r"likelihood: the model of a is not given\.\s+Name the folder of a model, likelihood: \{path: FOLDER\}"
    ):
        judge({("a", 0): answers("x")}, LIKELIHOOD, claim="a", prompts=asked)


def test_any_model_is_asked_by_its_path_and_the_key_tells_which(tmp_path):
    asked, given = prompts({"reference": "slate"}), {("a", 0): answers("x"), ("b", 0): answers("y")}
    other = shutil.copytree(SHIPPED, tmp_path / "other")
    weights = load_file(other / "model.safetensors")
    save_file({name: each * 1.01 for name, each in weights.items()}, other / "model.safetensors", metadata={"format": "pt"})
    moved = shutil.copytree(SHIPPED, tmp_path / "moved")
    by = {
        folder: judge(given, [Choice(name="likelihood", options={"path": str(folder)})], claim="a", prompts=asked)
        for folder in (SHIPPED, moved, other)
    }
    own = judge(given, LIKELIHOOD, claim="a", prompts=asked, models={("a", 0): SHIPPED, ("b", 0): other})
    same, different = own["key"].to_pylist()
    assert by[SHIPPED]["key"].to_pylist() == by[moved]["key"].to_pylist() == [same] * 2
    assert by[other]["key"].to_pylist() == [different] * 2 != [same] * 2
    assert own["rating"].to_pylist() == pytest.approx([by[SHIPPED]["rating"][0].as_py(), by[other]["rating"][1].as_py()], abs=1e-5)
    with pytest.raises(DataError, match="There is no model at nowhere"):
        make([Choice(name="likelihood", options={"path": "nowhere"})])
