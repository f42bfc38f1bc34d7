"""Prompts that begin alike: what they share goes through the model once, and every answer is what it would have been."""

from __future__ import annotations

import pytest

from tests.align.families import write_base
from thousand.model import load
from thousand.model.begun import begin
from thousand.model.generate import generated

HEAD = "what they all share "
PROMPTS = [HEAD + rest for rest in ("a", "of it", "to the very end", "x y")]


def said(model, alike, prompts=PROMPTS):
    found = {}
    for part in generated(
        model,
        prompts,
        max_tokens=16,
        seeds=[f"{each}" for each in prompts],
        temperature=0.7,
        top_p=0.9,
        repetition_penalty=1.2,
        batch=3,
        too_long="cut",
        alike=alike,
    ):
        found |= part
    return [found[i] for i in range(len(prompts))]


@pytest.mark.parametrize(("family", "kept"), [("llama", True), ("gpt2", True), ("gpt_neox", True), ("mixtral", True), ("gemma2", False)])
def test_answers_are_the_same_in_every_family(tmp_path, family, kept):
    model = load(write_base(tmp_path, family, initializer_range=0.15))
    assert said(model, alike=True) == said(model, alike=False)
    found = begin(model, model.tokenizer(PROMPTS, add_special_tokens=False)["input_ids"])
    assert (found is not None) is kept  # one whose attention slides would count the padding
    if found:
        assert model.tokenizer.decode(found.tokens) == HEAD


def test_the_shared_tokens_go_through_the_model_once(tmp_path):
    model = load(write_base(tmp_path, "llama"))
    widths = []
    model.network.register_forward_pre_hook(lambda _, _args, kwargs: widths.append(kwargs["input_ids"].shape), with_kwargs=True)
    said(model, alike=True)
    assert sum(rows * width for rows, width in widths if width >= len(HEAD)) == len(HEAD)


def test_nothing_is_kept_of_prompts_with_little_in_common_and_each_has_a_token_left():
    short = [list(range(40)), [*range(15), 99, 98]]
    assert begin(None, short) is None
    assert begin(None, [list(range(40))]) is None


def test_a_prompt_that_is_the_beginning_of_the_others_is_answered_too(tmp_path):
    model = load(write_base(tmp_path, "llama", initializer_range=0.15))
    prompts = [HEAD, *PROMPTS[:2]]
    assert said(model, alike=True, prompts=prompts) == said(model, alike=False, prompts=prompts)
