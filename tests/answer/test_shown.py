"""Examples in context: how they stand before a prompt, how many have room, and where an answer is over."""

from __future__ import annotations

import dataclasses
import sys

import jinja2
import pyarrow as pa
import pytest

from tests.small import SHIPPED, byte_tokenizer, chat, random_network, shipped, world
from thousand import tables
from thousand.answer import answer, check_shown
from thousand.answer.shown import shown, stop_of
from thousand.errors import RecipeError
from thousand.lab.pool import make_pool
from thousand.lab.prompts import make_prompts
from thousand.model import Model
from thousand.model.generate import generate
from thousand.recipe import Answer

SETTINGS = Answer(introduction="Be kind.", max_tokens=48, repetition_penalty=1.0)
EXAMPLES = [chat("One?", "It is one."), chat("Two?", "It is two.", "Sure?", "Yes."), chat("Three?", "It is three.")]
ASKED = chat("Four?")
TURNS = "{% for m in messages %}[{{ m['role'] }}]{{ m['content'] }}{% endfor %}{% if add_generation_prompt %}[assistant]{% endif %}"
NO_SYSTEM = "{% if messages[0]['role'] == 'system' %}{{ raise_exception('no system turn') }}{% endif %}" + TURNS


def prompts(count=6):
    some = make_prompts(world())[:count]
    messages = pa.array([chat(each.text) for each in some], tables.MESSAGES)
    return pa.table({"prompt_id": [each.prompt_id for each in some], "messages": messages})


def good(count):
    rows, _ = make_pool(world(), 3, 60, mix={"good": 1.0}, skewed=False)
    return [chat(each.prompt, each.response) for each in rows[:count]]


def model(template=None, context=4096):
    tokenizer = byte_tokenizer("<|endoftext|>", "<|pad|>")
    tokenizer.pad_token, tokenizer.chat_template = "<|pad|>", template
    return Model(SHIPPED, random_network(vocabulary=len(tokenizer), max_position_embeddings=context), tokenizer)


def written(asked, messages=ASKED, room=4096, settings=SETTINGS, examples=EXAMPLES):
    return shown(settings, examples).prompt(asked, messages, settings.plain, room)


def test_a_base_is_given_one_text_with_an_empty_line_between():
    assert written(model(), room=4096) == (
        "<|endoftext|>Be kind.\n\nQuestion: One? Answer: It is one.\n\nQuestion: Two? Answer: It is two.\n\nQuestion: Sure? Answer: Yes."
        "\n\nQuestion: Three? Answer: It is three.\n\nQuestion: Four? Answer:",
        3,
    )


def test_a_model_with_a_chat_template_is_given_turns():
    assert written(model(TURNS), examples=EXAMPLES[:1])[0] == "[system]Be kind.[user]One?[assistant]It is one.[user]Four?[assistant]"
    assert written(model(NO_SYSTEM), examples=EXAMPLES[:1])[0] == "[user]Be kind.\n\nOne?[assistant]It is one.[user]Four?[assistant]"
    silent = SETTINGS.model_copy(update={"introduction": ""})
    assert written(model(NO_SYSTEM), settings=silent, examples=EXAMPLES[:1])[0] == "[user]One?[assistant]It is one.[user]Four?[assistant]"


def test_a_template_that_refuses_the_prompt_itself_says_so():
    with pytest.raises(jinja2.TemplateError, match="never"):
        written(model("{{ raise_exception('never') }}"))


def test_what_a_system_says_stands_before_the_question():
    messages = [{"role": "system", "content": "Briefly."}, *ASKED]
    assert written(model(), messages)[0].endswith("\n\nQuestion: Briefly.\n\nFour? Answer:")
    assert written(model(TURNS), messages)[0].endswith("[user]Briefly.\n\nFour?[assistant]")


def test_special_tokens_in_examples_are_talked_about_and_not_meant():
    text, _ = written(model(), examples=[chat("What is <|endoftext|>?", "A <|endoftext|>.")])
    assert text.count("<|endoftext|>") == 1


@pytest.mark.parametrize("template", [None, TURNS])
def test_as_many_examples_are_shown_as_there_is_room_for_and_none_is_cut(template):
    asked = model(template)
    lengths = [len(written(asked, examples=EXAMPLES[:count])[0].replace("<|endoftext|>", "!")) for count in (1, 2, 3)]
    for count, length in enumerate(lengths, 1):
        assert written(asked, room=length) == written(asked, examples=EXAMPLES[:count])
        assert written(asked, room=length - 1)[1] == count - 1
    alone, count = written(asked, room=lengths[0] - 1)
    assert count == 0
    assert "kind" not in alone


def test_answers_end_where_the_next_question_would_begin():
    """Each is what the base goes on with after the text, up to there."""
    settings = SETTINGS.model_copy(update={"temperature": 0.0})
    table = answer(shipped(), prompts(24), settings, examples=good(1))
    before = shown(settings, good(1))
    texts = [before.prompt(shipped(), each, settings.plain, 464)[0] for each in prompts(24)["messages"].to_pylist()]
    whole = generate(shipped(), texts, max_tokens=48)
    rows = table.to_pylist()
    assert [row["answer"] for row in rows] == [each.text.partition("\nQuestion:")[0].strip() for each in whole]
    assert sum("\nQuestion:" in each.text for each in whole) >= 1
    assert {row["stop"] for row, each in zip(rows, whole, strict=True) if "\nQuestion:" in each.text} == {"end_of_turn"}
    assert all(row["tokens"] < 48 for row in rows if row["stop"] == "end_of_turn")
    assert [row["shown"] for row in rows] == [1] * 24


def test_rows_say_how_many_had_room_and_none_where_nothing_was_to_be_shown():
    tight = SETTINGS.model_copy(update={"max_tokens": 300})
    counts = answer(shipped(), prompts(), tight.model_copy(update={"temperature": 0.0, "batch": 2}), examples=good(8))["shown"].to_pylist()
    assert set(counts) <= set(range(1, 6))
    assert answer(shipped(), prompts(1), SETTINGS)["shown"].to_pylist() == [None]


def test_an_answer_does_not_depend_on_what_else_is_asked():
    few = SETTINGS.model_copy(update={"max_tokens": 24})
    texts = answer(shipped(), prompts(), few, seed=1, examples=good(4))["answer"].to_pylist()
    some = answer(shipped(), prompts().slice(2, 1), few, seed=1, examples=good(4))["answer"].to_pylist()
    assert some == texts[2:3]
    assert answer(shipped(), prompts(), few, seed=1, examples=good(5)[1:])["answer"].to_pylist() != texts


def test_what_is_kept_is_kept_for_the_same_examples_alone(tmp_path):
    few, calls = SETTINGS.model_copy(update={"max_tokens": 8}), []
    for examples in (good(2), good(2), good(3)):
        answer(SHIPPED, prompts(2), few, kept=tmp_path, examples=examples, progress=calls.append)
        calls.append("next")
    first, second, third = " ".join(map(str, calls)).split("next")[:3]
    assert first.split()[0] == "0"
    assert second.split()[0] == "2"  # found
    assert third.split()[0] == "0"


def test_several_turns_are_each_asked_behind_the_examples():
    few = SETTINGS.model_copy(update={"max_tokens": 8})
    turns = [{"role": "user", "content": "Where is Orda?"}, {"role": "user", "content": "And Hano?"}]
    table = pa.table({"prompt_id": ["a"], "messages": pa.array([turns], tables.MESSAGES)})
    [row] = answer(shipped(), table, few, examples=good(2)).to_pylist()
    assert row["shown"] == 2
    assert [each["role"] for each in row["turns"]] == ["user", "assistant", "user", "assistant"]


def test_a_form_in_which_nothing_tells_questions_from_answers_is_refused():
    assert stop_of("Question: {prompt} Answer:") == "\nQuestion:"
    assert stop_of("# Query:\n{prompt}\n# Answer:\n") == "\n# Query:"
    with pytest.raises(RecipeError, match=r"answer\.plain"):
        check_shown(SETTINGS.model_copy(update={"plain": "{prompt}\n"}))


def test_a_backend_that_cannot_show_examples_is_refused_before_a_model_is_loaded(monkeypatch):

    local = sys.modules["thousand.answer.answer"]
    made = local.backend(SETTINGS)
    monkeypatch.setattr(local, "backend", lambda settings: dataclasses.replace(made, shows=False))
    with pytest.raises(RecipeError, match="cannot be shown examples"):
        answer("/nowhere", prompts(1), SETTINGS, examples=good(1))
