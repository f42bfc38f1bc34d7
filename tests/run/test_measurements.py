"""What a run measures besides its answers: shift of the claim from its base, and knowledge of every kind, before and after."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.answer.test_knowledge import FACTS, multiple
from tests.run import tiny
from tests.small import lines
from thousand import tables
from thousand.errors import DataError, RecipeError
from thousand.lab.prompts import cloze
from thousand.recipe import Recipe
from thousand.report import Summary
from thousand.run import run


def recipe(folder: Path, **changes: Any) -> Recipe:
    start, value = cloze(FACTS[0])
    questions = [{"ctx": each.question, "endings": list(each.choices), "label": each.answer} for each in map(multiple, FACTS)]
    file = lines(folder / "questions.jsonl", {"prompt": start, "response": value}, *questions)
    arms = {"few": {"select": "random", "budget": 4}, "none": {"seeds": 1}}
    return tiny.recipe(folder, **{"arms": arms, "knowledge": str(file), "measure": ["shift"], "judge": []} | changes)


@pytest.fixture(scope="module")
def done(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Summary]:
    folder = tmp_path_factory.mktemp("measured")
    return folder, run(recipe(folder), folder / "run")


def test_the_claim_s_first_model_is_read_again_by_the_base(done: tuple[Path, Summary]) -> None:
    folder, summary = done
    out = folder / "run"
    table = tables.read(out / "measured" / "shift.parquet")
    assert set(table["seed"].to_pylist()) == {0}
    assert len(set(table["prompt_id"].to_pylist())) == 3
    assert summary.shift is not None
    assert (summary.shift.prompts, summary.shift.seeds) == (3, 1)
    assert summary.shift.tokens + summary.shift.ended + summary.shift.unmatched == table.num_rows
    assert "How much alignment changed" in (out / "report.html").read_text(encoding="utf-8")


def test_every_kind_of_question_is_asked_before_and_after(done: tuple[Path, Summary]) -> None:
    claim, base = done[1].arms
    assert [(each.kind, each.questions) for each in claim.known] == [("sentence", 1), ("choices, in HellaSwag's columns", 6)]
    assert all(each.before is not None and each.after is not None for each in claim.known)
    assert claim.forgot is not None
    assert base.ended is not None and claim.ended is not None
    assert claim.ended + (claim.limit or 0.0) == 1.0


def test_another_context_measures_again_and_nothing_else(done: tuple[Path, Summary]) -> None:
    folder, before = done
    heard = tiny.Heard()
    after = run(recipe(folder, measure={"shift": {"context": "aligned", "seeds": 2}}), folder / "run", heard)
    assert heard.made == ["shift: few"]
    assert after.shift is not None and before.shift is not None
    assert after.shift.seeds == 2
    assert [each.known for each in after.arms] == [each.known for each in before.arms]


def test_a_measurement_that_fails_stops_nothing(done: tuple[Path, Summary], monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_: object, **__: object) -> None:
        raise DataError("The models do not share a vocabulary.", "Give the base.")

    monkeypatch.setattr("thousand.run.measurements.shift.measured", fails)
    folder, heard = done[0], tiny.Heard()
    after = run(recipe(folder, measure={"shift": {"seeds": 2}}), folder / "run", heard)
    assert after.shift is None
    assert "shift could not be measured: The models do not share a vocabulary." in after.warnings
    assert "shift could not be measured" in (folder / "run" / "report.html").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("measure", "said"),
    [("shifts", "measure.0.shifts: 'shifts' is not known"), ({"shift": {"context": "other"}}, "measure.0.shift.context")],
)
def test_a_measurement_that_there_is_not_is_an_error_before_any_work(tmp_path: Path, measure: object, said: str) -> None:
    with pytest.raises(RecipeError, match=said):
        run(recipe(tmp_path, measure=measure), tmp_path / "run")
    assert not (tmp_path / "run").exists()
