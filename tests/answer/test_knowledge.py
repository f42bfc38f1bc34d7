"""What a model knows: sentences it must finish with the right words first."""

from __future__ import annotations

from tests.small import shipped, world
from thousand import tables
from thousand.answer import knowledge
from thousand.lab.prompts import cloze, held_out_facts

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
