"""Runs read again: names that tell them apart, studies, and what is no run."""

import json
import shutil
from pathlib import Path

import pyarrow as pa
import pytest
from typer.testing import CliRunner

from tests.report.rich import FEW, rich
from thousand import tables
from thousand.cli import app
from thousand.errors import DataError, RecipeError
from thousand.run.finished import compared, finished


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    """Two runs of one name in two folders, and a study of one of them."""
    folder, (summary, evidence) = tmp_path_factory.mktemp("runs"), rich(FEW)
    for place in ("here/lab", "there/lab"):
        (folder / place).mkdir(parents=True)
        (folder / place / "summary.json").write_text(summary.model_dump_json(), encoding="utf-8")
        tables.write(folder / place / "verdicts.parquet", evidence.verdicts, tables.VERDICTS)
    return folder


def test_runs_of_one_name_are_told_apart_by_their_folders(runs):
    found = compared([runs / "here" / "lab", runs / "there" / "lab"])
    assert list(found.runs) == ["here/lab", "there/lab"]
    assert {each.judge for each in found.claims} == {"people", "oracle"}
    assert found.apart == []


def test_prompts_of_one_name_that_ask_something_else_are_not_compared(runs, tmp_path):
    for place, asked in (("one", "Which town?"), ("two", "Which river?"), ("three", "Which town?")):
        shutil.copytree(runs / "here" / "lab", tmp_path / place)
        names = sorted(set(tables.read(tmp_path / place / "verdicts.parquet")["prompt_id"].to_pylist()))
        rows = [{"prompt_id": name, "messages": [{"role": "user", "content": f"{asked} {name}"}]} for name in names]
        tables.write(tmp_path / place / "prompts.parquet", pa.Table.from_pylist(rows, tables.PROMPTS), tables.PROMPTS)
    found = compared([tmp_path / "one", tmp_path / "two", tmp_path / "three"])
    assert {(each.a, each.b) for each in found.claims} == {("one", "three")}
    assert found.apart[0] == "one and two are not compared: they share no prompt."


def test_a_study_stands_for_its_runs(runs):
    found = compared([runs / "here" / "lab"])
    (runs / "here" / "across.json").write_text(found.model_dump_json(), encoding="utf-8")
    assert list(compared([runs / "here"]).runs) == ["lab"]
    assert list(compared([runs / "here", runs / "there" / "lab"]).runs) == ["here/lab", "there/lab"]


def test_what_is_no_run_is_named(runs):
    with pytest.raises(DataError, match="no finished run in /nowhere"):
        compared([runs / "here" / "lab", Path("/nowhere")])
    with pytest.raises(DataError, match="named twice"):
        compared([runs / "here" / "lab", runs / "there" / ".." / "here" / "lab"])
    (runs / "old").mkdir()
    (runs / "old" / "summary.json").write_text(json.dumps({"verdict": 1}), encoding="utf-8")
    with pytest.raises(DataError, match="not a summary of this version"):
        finished(runs / "old")


def test_the_command_compares_writes_a_page_and_prints_json(runs, tmp_path):
    asked = ["report", str(runs / "here" / "lab"), str(runs / "there" / "lab")]
    said = CliRunner().invoke(app, [*asked, "--out", str(tmp_path)])
    assert said.exit_code == 0, said.output
    assert "here/lab against there/lab, by people" in said.output.replace("\n", " ")
    assert (tmp_path / "report.html").is_file()
    assert (tmp_path / "figures" / "claims.csv").is_file()
    told = CliRunner().invoke(app, [*asked, "--json"])
    assert list(json.loads(told.output)["runs"]) == ["here/lab", "there/lab"]


def test_one_run_is_shown_again(runs):
    said = CliRunner().invoke(app, ["report", str(runs / "here" / "lab")])
    assert said.exit_code == 0
    assert "Was less more?" in said.output


@pytest.mark.parametrize("arguments", [[], ["RUN", "--counts", "x.csv"], ["RUN", "--out", "x"]])
def test_what_cannot_be_meant_is_refused(runs, arguments):
    named = [str(runs / "here" / "lab") if each == "RUN" else each for each in arguments]
    assert isinstance(CliRunner().invoke(app, ["report", *named]).exception, RecipeError)
