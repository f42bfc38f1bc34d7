"""How like a held-out prompt a candidate's prompt is, in weighed words or in meaning."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import numpy as np
import pytest

from tests.curate.hand_made import texts
from tests.small import chat, world
from tests.test_embedding import sentence_model
from thousand.conversation import prompt_of, read
from thousand.curate.signals.contamination import contamination
from thousand.curate.signals.resembles_prompt import resembles_prompt
from thousand.curate.texts import Texts
from thousand.errors import RecipeError
from thousand.lab.pool import make_pool
from thousand.lab.prompts import make_prompts
from thousand.recipe import Contamination

SAME = Contamination().similarity
SHARED = Path(__file__).parents[3] / ".." / "shared" / "data"
HELD_OUT = [
    "Write a cheerful birthday poem for my neighbour, who repairs old clocks and keeps bees.",
    "How long should I roast a leg of lamb so that it stays pink in the middle?",
    "Explain to a child why the moon changes its shape during the month.",
    "Which trees grow well in heavy clay near the coast?",
]


def likeness(prompt, prompts=HELD_OUT):
    return resembles_prompt(texts("An answer.", prompts=[prompt]), prompts)[0]


@pytest.mark.parametrize(
    "prompt",
    [
        HELD_OUT[0].upper(),
        "For my neighbour, who keeps bees and repairs old clocks, write a cheerful birthday poem.",
        "Explain why the moon changes shape to a child during the month",
        "How long to roast a leg of lamb so it stays pink in the middle",
        "Near the coast in heavy clay, which trees grow well?",
    ],
)
def test_a_copy_in_another_order_or_with_words_left_out_is_the_same(prompt):
    assert likeness(prompt) > SAME
    if prompt != HELD_OUT[0].upper():
        assert contamination(texts("An answer.", prompts=[prompt]), HELD_OUT) == 0  # which runs of words do not see


@pytest.mark.parametrize(
    "prompt",
    [
        "Write a cheerful birthday poem for my teacher, who paints small boats and grows roses.",
        "How long should I boil a dozen eggs so that they stay soft in the middle?",
        "Explain to a child why the sea changes its level during the day.",
        "Which vines grow well in light sand near the desert?",
        "Of what is it, and who was it?",
        "",
    ],
)
def test_the_same_form_with_another_subject_is_not(prompt):
    assert likeness(prompt) <= SAME


def test_other_words_for_the_same_are_beyond_weighed_words():
    """What the signal cannot do without a model, so that nobody believes that it does."""
    assert likeness("Tell a youngster the reason our lunar companion waxes and wanes.") < 0.3


def test_it_is_one_for_equal_words_and_nought_for_none_in_common():
    assert likeness(HELD_OUT[2]) == pytest.approx(1)
    assert likeness(HELD_OUT[2]) <= 1
    assert likeness("Zyx?") == likeness("") == likeness(HELD_OUT[0], []) == likeness("?!", ["!?"]) == 0


def test_a_value_does_not_depend_on_the_rows_beside_it(monkeypatch):
    asked = [candidate.prompt for candidate in make_pool(world(), 0, 60)[0]]
    prompts = [each.text for each in make_prompts(world())]
    together = resembles_prompt(texts(*asked, prompts=asked), prompts)
    assert np.array_equal(together, [likeness(each, prompts) for each in asked])
    monkeypatch.setattr("thousand.curate.signals.resembles_prompt._CELLS", 7 * len(prompts))
    assert np.array_equal(together, resembles_prompt(texts(*asked, prompts=asked), prompts))


def test_every_turn_of_the_user_is_looked_at():
    turns = chat(HELD_OUT[1], "Some answer.", "And which wine goes with it, then, for a large party of guests on a warm evening?", "Red.")
    conversation = Texts([prompt_of(turns)], ["Red."], np.array([np.nan]), [turns])
    assert resembles_prompt(conversation, HELD_OUT)[0] == pytest.approx(1)
    assert likeness(prompt_of(turns)) <= SAME


def test_questions_of_the_laboratory_about_others_are_not_the_held_out_ones():
    asked = [candidate.prompt for candidate in make_pool(world(), 0, 2000)[0]]
    for prompts in ([each.text for each in make_prompts(world())][:: 120 // n] for n in (4, 12, 120)):
        assert (resembles_prompt(texts(*asked, prompts=asked), prompts) > SAME).sum() == 0


@pytest.mark.skipif(not (SHARED / "alpaca").is_dir(), reason="the real pools are not beside this checkout")
def test_of_a_real_pool_few_rows_are_flagged_and_every_planted_edit_is():
    with gzip.open(SHARED / "lima" / "test_prompts.jsonl.gz", "rt", encoding="utf-8") as stream:
        prompts = [prompt_of(read(json.loads(line), answered=False)) for line in stream]
    with gzip.open(SHARED / "alpaca" / "alpaca.jsonl.gz", "rt", encoding="utf-8") as stream:
        asked = [prompt_of(read(json.loads(next(stream)), answered=False)) for _ in range(4000)]
    assert (resembles_prompt(texts(*asked, prompts=asked), prompts) > SAME).sum() <= 3
    edited = [" ".join(word for i, word in enumerate(prompt.split()) if i % 6 != 3) for prompt in prompts if len(prompt.split()) >= 8]
    assert (resembles_prompt(texts(*edited, prompts=edited), prompts) > SAME).mean() > 0.98


def test_a_model_in_a_folder_says_what_words_mean(tmp_path):
    folder = str(sentence_model(tmp_path))
    prompts = ["bread flour", "boat fish"]
    asked = ["flour bread", "bread river", "engine brake"]
    assert resembles_prompt(texts(*asked, prompts=asked), prompts, model=folder) == pytest.approx([1, 0.5, 0], abs=1e-6)
    assert resembles_prompt(texts(*asked, prompts=asked), [], model=folder).tolist() == [0, 0, 0]
    with pytest.raises(RecipeError, match="no sentence-transformers model"):
        resembles_prompt(texts(*asked, prompts=asked), prompts, model=str(tmp_path / "nowhere"))
