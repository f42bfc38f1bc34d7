"""Questions of knowledge: sentences and choices, in the columns of several data sets; refused by file, line and field."""

from __future__ import annotations

import re

import pytest

from tests.small import lines
from thousand.answer import Choices, read_questions
from thousand.errors import DataError

ASKED, ENDS = "Which is a planet?", ("Mars", "Sirius", "Vega")
FORMS = {
    "MMLU's": {"question": ASKED, "subject": "astronomy", "choices": list(ENDS), "answer": 0},
    "ARC's": {"id": "x", "question": ASKED, "choices": {"text": list(ENDS), "label": ["1", "2", "3"]}, "answerKey": "1"},
    "OpenBookQA's": {
        "question_stem": ASKED,
        "choices": [{"text": text, "label": label} for text, label in zip(ENDS, "ABC", strict=True)],
        "answerKey": "A",
    },
    "HellaSwag's": {"ctx": ASKED, "endings": list(ENDS), "label": "0"},
}


def test_sentences_to_finish_are_pairs_of_text(tmp_path):
    path = lines(tmp_path / "k.jsonl", {"prompt": "The capital of France is", "response": "Paris", "more": 1})
    assert read_questions(path) == [("The capital of France is", "Paris")]
    for row, field in (
        ({"prompt": "x"}, "response"),
        ({"prompt": "", "response": "y"}, "prompt"),
        ({"prompt": "x", "response": 1}, "response"),
    ):
        with pytest.raises(DataError, match=rf"k\.jsonl:1: {field}: expected text"):
            read_questions(lines(tmp_path / "k.jsonl", row))


@pytest.mark.parametrize("whose", FORMS)
def test_choices_are_recognised_by_their_columns_which_is_said(tmp_path, whose):
    [question] = read_questions(lines(tmp_path / "k.jsonl", FORMS[whose]))
    assert question == Choices(ASKED, ENDS, 0, f"choices, in {whose} columns", goes_on=whose == "HellaSwag's")


@pytest.mark.parametrize("answer", [2, "2", "C", "Vega", " Vega "])
def test_the_answer_is_a_position_a_letter_or_a_text(tmp_path, answer):
    [question] = read_questions(lines(tmp_path / "k.jsonl", {"question": ASKED, "choices": list(ENDS), "answer": answer}))
    assert question.answer == 2


@pytest.mark.parametrize(("suffix", "mark"), [(".csv", ","), (".tsv", "\t")])
def test_choices_in_csv_stand_in_lettered_columns_or_as_json(tmp_path, suffix, mark):
    lettered, listed = tmp_path / f"a{suffix}", tmp_path / f"b{suffix}"
    lettered.write_text(f"\ufeffquestion{mark}A{mark}B{mark}C{mark}answer\n{ASKED}{mark}Mars{mark}Sirius{mark}Vega{mark}A\n", "utf-8")
    listed.write_text(f'question{mark}choices{mark}answer\n{ASKED}{mark}"[""Mars"", ""Vega"", 7]"{mark}1\n', "utf-8")
    assert read_questions(lettered)[0][:3] == (ASKED, ENDS, 0)
    assert read_questions(listed)[0][:3] == (ASKED, ("Mars", "Vega", "7"), 1)


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"answer": 3}, "answer: 3 is neither a choice nor its position from 0 to 2 nor its letter"),
        ({"answer": "D"}, "answer: 'D' is neither"),
        ({"answer": -1}, "answer: -1 is neither"),
        ({"answer": True}, "answer: True is neither"),
        ({"answer": None}, "answer: None is neither"),
        ({"answer": "9" * 5000}, "answer: '999"),
        ({"answer": "0" * 5000}, "answer: '000"),
        ({"choices": ["1", "2", "0"], "answer": "1"}, "answer: '1' is a choice, and the place of another"),
        ({"choices": ["Mars", "Vega", "Mars"]}, "choices: 'Mars' stands there twice"),
        ({"choices": ["Mars"]}, "choices: expected a list of two choices or more"),
        ({"choices": "Mars"}, "choices: expected a list of two choices or more"),
        ({"choices": ["Mars", None]}, "choices[1]: expected text"),
        ({"choices": ["Mars", " "]}, "choices[1]: expected text"),
        ({"question": 7}, "question: expected text, found int"),
        ({"question": "Which\ud800?"}, "question: text with a lone surrogate"),
        ({"choices": ["Mars", "Ve\x00ga"]}, "choices[1]: text with a NUL character"),
    ],
)
def test_a_bad_row_is_refused_by_file_line_and_field(tmp_path, changed, said):
    path = lines(tmp_path / "k.jsonl", FORMS["MMLU's"], {**FORMS["MMLU's"], **changed})
    with pytest.raises(DataError, match=re.escape(f"k.jsonl:2: {said}")):
        read_questions(path)


def test_a_row_of_no_form_says_what_it_has_and_what_there_is(tmp_path):
    with pytest.raises(DataError, match=r"k\.jsonl:1: row: it has the fields 'ask, tell'.*question, choices, answer"):
        read_questions(lines(tmp_path / "k.jsonl", {"ask": "x", "tell": "y"}))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("question,choices,answer\n", "k.csv is empty"),
        ("question,A,B,answer\nx,y\n", "k.csv:2: 2 cells, the header has 4"),
        ("question,A,A,answer\n", "k.csv:1: a column stands twice"),
        ('question,A,B,answer\nx,"y"z,w,A\n', "k.csv:2: cannot be read"),
        ("question,A,C,answer\nx,y,z,A\n", "k.csv:2: row: it has the fields"),
        ("question,A,B,C,D,answer\nx,y,z,,w,A\n", "k.csv:2: choices: the columns A, B, D leave one out"),
        ("question,choices,answer\nx,[y,A\n", "k.csv:2: choices: a list as JSON belongs here"),
    ],
)
def test_a_bad_csv_file_is_refused_by_file_and_line(tmp_path, text, said):
    (tmp_path / "k.csv").write_text(text, encoding="utf-8")
    with pytest.raises(DataError, match=re.escape(said)):
        read_questions(tmp_path / "k.csv")


def test_labels_that_do_not_fit_are_refused(tmp_path):
    for key, labels in (("E", ["A", "B", "C"]), ("A", ["A", "A", "B"]), ("A", ["A"])):
        row = {"question": ASKED, "choices": {"text": list(ENDS), "label": labels}, "answerKey": key}
        with pytest.raises(DataError, match=r"k\.jsonl:1: (answerKey|choices\.label): "):
            read_questions(lines(tmp_path / "k.jsonl", row))
