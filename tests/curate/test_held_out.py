"""Texts that people made are looked at as candidates are: by the recipe's own rules of contamination."""

from thousand.curate import near_to_prompts
from thousand.recipe import Curate

PROMPT = "How many bridges cross the river between the old mill and the northern gate of the town?"


def said(prompt, response="Three, and one of them is old."):
    return [{"role": "user", "content": prompt}, {"role": "assistant", "content": response}]


TEXTS = [
    said("What do goats eat in winter?"),
    said("Tell me: how many bridges cross the river between the old mill and the gate?"),
    said("Of the town the northern gate, and the old mill: between, how many bridges cross the river?"),
    said("What do goats eat?", f"You might rather ask: {PROMPT}"),
]


def test_copies_and_near_copies_are_found_in_prompts_and_in_responses():
    clean, words, meaning, response = near_to_prompts(TEXTS, [PROMPT], Curate())
    assert clean is None
    assert words == "it shares 12 words in a row with a held-out prompt"
    assert meaning == "it asks what a held-out prompt asks: cosine 1.00"
    assert response == "it shares 17 words in a row with a held-out prompt"


def test_the_recipe_says_what_is_too_near():
    assert near_to_prompts(TEXTS, [PROMPT], Curate(contamination=None)) == [None] * 4
    assert [bool(each) for each in near_to_prompts(TEXTS, [PROMPT], Curate(contamination=13))] == [False, False, False, True]
    loose = Curate.model_validate({"rules": {"contamination": {"most": 12, "only": ["chat"]}, "resembles_prompt": None}})
    assert [bool(each) for each in near_to_prompts(TEXTS, [PROMPT], loose)] == [False, False, False, True]


def test_nothing_is_near_to_nothing():
    assert near_to_prompts([], [PROMPT], Curate()) == []
    assert near_to_prompts(TEXTS, [], Curate()) == [None] * 4
