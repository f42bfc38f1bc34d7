"""What an arm knows of each kind of question, before and after."""

from __future__ import annotations

from dataclasses import replace

import pyarrow as pa
import pytest

from tests.report.synthetic import DEMO, demo
from thousand import tables
from thousand.report import summarise
from thousand.report.known import by_kind, forgot, numbers, stopped
from thousand.report.page import page


def asked(*known: bool | None, form: str | None = "sentence", start: int = 0) -> pa.Table:
    rows = [{"question_id": f"{form} {start + i}", "known": each, "form": form} for i, each in enumerate(known)]
    return pa.Table.from_pylist(rows, tables.KNOWLEDGE)


def test_each_kind_of_question_has_its_shares_their_errors_and_what_was_kept():
    before = pa.concat_tables([asked(True, True, True, False), asked(True, False, None, form="choices")])
    after = {
        0: pa.concat_tables([asked(True, True, False, True), asked(True, True, True, form="choices")]),
        1: pa.concat_tables([asked(True, False, False, True), asked(None, True, False, form="choices")]),
    }
    sentences, choices = by_kind(before, after)
    assert (sentences.kind, sentences.questions, sentences.unscored) == ("sentence", 4, 0)
    assert (sentences.before, sentences.after, sentences.kept) == (0.75, 0.625, 0.5)  # of the three known: 1, 1/2 and 0
    assert sentences.before_error == pytest.approx(0.25)  # sd of 1, 1, 1, 0 is 1/2; over the root of four
    assert (choices.kind, choices.questions, choices.unscored) == ("choices", 3, 1)
    assert (choices.before, choices.kept) == (0.5, 1.0)
    assert choices.after == pytest.approx(2.5 / 3)
    assert choices.p == 1.0


def test_a_question_that_was_asked_twice_in_another_order_is_the_same_question():
    before, after = asked(True, False), asked(True, False).take([1, 0])
    assert by_kind(before, {0: after})[0].kept == 1.0


def test_tables_from_before_there_were_choices_are_sentences():
    old = asked(True, False).select(["question_id", "question", "expected", "said", "known"])
    [only] = by_kind(old, {0: old})
    assert (only.kind, only.before, only.kept) == ("sentence", 0.5, 1.0)


def test_the_base_has_nothing_after_and_without_questions_there_is_nothing():
    [only] = by_kind(asked(True, False), {})
    assert (only.before, only.after, only.after_error, only.p) == (0.5, None, None, None)
    assert by_kind(None, {0: asked(True)}) == []
    assert forgot(None, {}) is None


def test_what_is_lost_by_chance_alone_is_no_collapse():
    """Guessed right before and wrong after, as often as the other way round: little of what was 'known' is kept, and nothing forgotten."""
    evidence = demo([replace(DEMO[0]), DEMO[-1]])
    flips = [True, False] * 20
    guessed = {seed: asked(*(not each for each in flips), form="choices") for seed in range(3)}
    arm = replace(evidence.arms[0], knowledge=guessed)
    summary = summarise(replace(evidence, base_knowledge=asked(*flips, form="choices"), arms=[arm, evidence.arms[-1]]))
    assert (summary.arms[0].knowledge_after, summary.arms[0].forgot, summary.arms[0].collapsed) == (0.0, 1.0, False)
    assert summary.arms[0].known[0].after == 0.5


def test_how_answers_stop_is_told_for_each_arm():
    evidence = demo()
    first = replace(evidence.arms[0], stopped={"ended": 0.9, "limit": 0.1, "repeats": 0.05})
    summary = summarise(replace(evidence, arms=[first, *evidence.arms[1:]]))
    assert (summary.arms[0].ended, summary.arms[0].limit, summary.arms[0].repeats) == (0.9, 0.1, 0.05)
    assert summary.arms[1].ended is None


def test_the_page_has_every_kind_of_question_and_how_answers_stop():
    evidence = demo()
    first = replace(evidence.arms[0], stopped={"ended": 0.9, "limit": 0.1, "repeats": 0.05})
    summary = summarise(replace(evidence, arms=[first, *evidence.arms[1:]]))
    rows = numbers(summary.arms).rows
    assert [row[0] for row in rows] == [arm.name for arm in summary.arms]
    assert {row[1] for row in rows} == {"sentence"}
    assert stopped(summary.arms).rows == [[first.name, 90.0, 10.0, 5.0]]
    html = page(summary, evidence)
    assert "By kind of question" in html
    assert "Going round in circles, %" in html
