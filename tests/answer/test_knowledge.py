"""What a model knows: sentences it must finish with the right words first, and choices of which it must find the right one likeliest."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from tests.small import SHIPPED, shipped, world
from thousand import tables
from thousand.answer import Choices, knowledge
from thousand.answer.knowledge import begins_with
from thousand.lab.prompts import cloze, held_out_facts
from thousand.model import load, prepare

FACTS = held_out_facts(world())[:6]


def test_a_question_is_known_when_the_right_words_come_first():
    questions = [cloze(fact) for fact in FACTS]
    wrong = [(start, "sixteen purple elephants") for start, _ in questions]
    table = knowledge(shipped(), [*questions, *wrong])
    assert table.schema.equals(tables.KNOWLEDGE)
    assert table["known"].to_pylist() == [True] * 6 + [False] * 6
    for (_, expected), said in zip(questions, table["said"].to_pylist(), strict=False):
        assert said.lower().startswith(expected.lower())


def test_case_and_spacing_do_not_matter():
    start, expected = cloze(FACTS[0])
    assert knowledge(shipped(), [(start, f"  {expected.upper()} ")])["known"].to_pylist() == [True]


def test_words_after_the_right_ones_do_not_matter_and_words_before_them_do():
    start, expected = cloze(FACTS[0])
    first, _, rest = start.partition(" ")
    table = knowledge(shipped(), [(start, expected), (first, expected)])
    assert table["known"].to_pylist() == [True, False]
    assert len(table["said"][0].as_py()) > len(expected)
    assert rest


def test_a_question_is_named_by_its_text_and_asked_alike_in_any_batch():
    questions = [cloze(fact) for fact in FACTS]
    together, alone = knowledge(shipped(), questions), knowledge(shipped(), questions[2:3])
    assert together.slice(2, 1).drop_columns("said").equals(alone.drop_columns("said"))
    assert len(set(together["question_id"].to_pylist())) == 6


def multiple(fact, right: int = 0, **changes) -> Choices:
    """The start of a sentence that states the fact, its value, and three values of the same attribute elsewhere."""
    start, value = cloze(fact)
    values = list(dict.fromkeys(each.value for each in world().facts if each.attribute == fact.attribute and each.value != value))[:3]
    values.insert(right, value)
    return Choices(start, tuple(values), right, **{"goes_on": True, **changes})


def log_likelihoods(model, asked: str, choice: str) -> np.ndarray:
    """Of each token of a choice, one forward pass each."""
    before = model.tokenizer(asked, add_special_tokens=False)["input_ids"]
    whole = model.tokenizer(f"{asked} {choice}", add_special_tokens=False)["input_ids"]
    assert whole[: len(before)] == before
    scores = []
    for at in range(len(before), len(whole)):
        with torch.no_grad():
            logits = model.network(input_ids=torch.tensor([whole[:at]])).logits[0, -1]
        scores.append(torch.log_softmax(logits, -1)[whole[at]].item())
    return np.array(scores)


def test_the_choice_with_the_highest_likelihood_by_its_characters_is_said():
    questions = [
        Choices("What is a river?", ("a", "the water that runs down from the mountains", "an old king"), 1),
        Choices("Who rules?", ("Nobody rules", "So it has been for many years", "No"), 0),
    ]
    table = knowledge(shipped(), questions)
    for question, row in zip(questions, table.to_pylist(), strict=True):
        scores = [log_likelihoods(shipped(), f"<|endoftext|>Question: {question.question} Answer:", each) for each in question.choices]
        by_character = int(np.argmax([each.sum() / len(text) for each, text in zip(scores, question.choices, strict=True)]))
        by_token = int(np.argmax([each.mean() for each in scores]))
        assert row["said"] == question.choices[by_character]
        assert row["known"] == (by_character == question.answer)
        assert row["by_token"] == (by_token == question.answer)
        assert (row["expected"], row["form"], row["reason"]) == (question.choices[question.answer], "choices", None)


def test_the_base_finds_the_facts_of_its_world_among_others_wherever_the_right_one_stands():
    known = [knowledge(shipped(), [multiple(fact, right) for fact in FACTS])["known"].to_pylist() for right in (0, 3)]
    assert known[0] == known[1]
    assert sum(known[0]) >= 5


def test_a_question_with_choices_is_asked_of_base_and_aligned_alike():
    aligned = load(SHIPPED)
    prepare(aligned)  # it has a chat template now, and the same weights
    questions = [multiple(fact, goes_on=goes_on) for fact in FACTS for goes_on in (True, False)]
    assert knowledge(aligned, questions).equals(knowledge(shipped(), questions))


def test_a_text_to_go_on_with_is_not_asked_as_a_question():
    start, expected = cloze(FACTS[0])
    ends = (expected, "sixteen purple elephants")
    [row] = knowledge(shipped(), [Choices(start, ends, 0, goes_on=True)]).to_pylist()
    assert row["known"] is True
    scores = [log_likelihoods(shipped(), f"<|endoftext|>{start}", each).sum() / len(each) for each in ends]
    assert scores[0] > scores[1]


def test_what_cannot_be_scored_is_null_with_its_reason_and_order_is_kept():
    start, expected = cloze(FACTS[0])
    long = Choices("Who?", ("word " * 600, "Nobody"), 1)
    rows = knowledge(shipped(), [long, (start, expected), multiple(FACTS[0])]).to_pylist()
    assert [row["form"] for row in rows] == ["choices", "sentence", "choices"]
    assert (rows[0]["known"], rows[0]["said"]) == (None, None)
    assert rows[0]["reason"] == "a choice cannot be scored: longer than the model's context of 512 tokens"
    assert rows[1]["known"] is True


def test_a_tie_is_null():
    [row] = knowledge(shipped(), [Choices("Who?", ("Ann", "Ann"), 0)]).to_pylist()  # a file with such a row is refused
    assert (row["said"], row["known"], row["by_token"], row["reason"]) == (None, None, None, "two choices are equally likely")


@pytest.mark.parametrize("choices", [("Ann", "Bob"), ("Ann", "Eve")])
def test_other_choices_are_another_question(choices):
    names = knowledge(shipped(), [Choices("Who?", ("Ann", "Bob"), 0), Choices("Who?", choices, 0)])["question_id"].to_pylist()
    assert (names[0] == names[1]) == (choices == ("Ann", "Bob"))


@pytest.mark.parametrize(
    ("said", "expected", "known"),
    [
        ("4 legs", "4", True),
        ("42 legs", "4", False),
        ("the horns.", "the horn", False),
        ("the horn.", "the horn", True),
        ("巴黎是", "巴黎", True),
    ],
)
def test_the_last_expected_word_must_end(said, expected, known):
    assert begins_with(said, expected) == known
