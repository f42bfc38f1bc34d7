"""A reward model as judge: its number rates every answer, and the higher wins."""

from __future__ import annotations

import pytest

from tests.judge.parts import answers, prompts
from tests.model.test_rewarding import saved
from tests.small import chat
from thousand.errors import DataError
from thousand.judge import judge
from thousand.model.rewarding import load_reward_model, rewards
from thousand.recipe import Choice


def test_every_answer_has_its_reward_after_the_whole_dialogue(tmp_path):
    choice = Choice(name="reward", options={"path": str(saved(tmp_path)), "name": "taste"})
    asked = prompts({"messages": chat("one", "two", "three")}, {})
    done = []
    ledger = judge(
        {("a", 0): answers("yes", "no"), ("b", 1): answers("perhaps", "x" * 100)},
        [choice],
        claim="a",
        prompts=asked,
        progress=lambda name, cases: done.append((name, cases)),
    )
    expected = rewards(
        load_reward_model(tmp_path), [chat("one", "two", "three", "yes"), chat("question 1", "no"), chat("one", "two", "three", "perhaps")]
    )
    rows = [(row["judge"], row["a"], row["a_seed"], row["prompt_id"]) for row in ledger.to_pylist()]
    assert rows == [("taste", "a", 0, "p0"), ("taste", "a", 0, "p1"), ("taste", "b", 1, "p0"), ("taste", "b", 1, "p1")]
    assert ledger["rating"].to_pylist()[:3] == pytest.approx([each.value for each in expected], abs=1e-5)
    assert (ledger["rating"][3].as_py(), ledger["why"][3].as_py()) == (None, "longer than the model's context of 64 tokens")
    assert done[-1] == ("taste", 4)


def test_a_folder_that_is_not_there_is_refused_before_anything_is_judged():
    with pytest.raises(DataError, match="There is no reward model at nowhere"):
        judge({("a", 0): answers("x")}, [Choice(name="reward", options={"path": "nowhere"})], claim="a")
