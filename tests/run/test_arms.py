"""An arm that fails does not stop the others; what it failed of is kept, said and tried again."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from tests.run import tiny
from tests.run.conftest import Whole
from thousand import cli, tables
from thousand.errors import ThousandError
from thousand.run import run

MUCH = tiny.ARMS | {"much": {"select": "random", "budget": 5000}, "more": {"guard": "much", "seeds": 1}}
WHY = "5,000 examples are asked for and there are"


def test_the_others_go_on_the_report_is_written_and_the_command_fails(
    whole: Whole, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    tiny.recipe(whole.folder, arms=MUCH)
    out = tmp_path / "out"
    command = ["thousand", "run", str(whole.folder / "recipe.yaml"), "--out", str(out), "--shared", str(whole.shared), "--json"]
    monkeypatch.setattr(sys, "argv", command)
    with pytest.raises(SystemExit) as stopped:
        cli.main()
    said = capsys.readouterr()
    assert stopped.value.code == 1
    assert "much, seed 1: failed: " in said.err and WHY in said.err
    arms = {arm["name"]: arm for arm in json.loads(said.out)["arms"]}
    assert WHY in arms["much"]["failed"] and "the arm that it guards failed" in arms["more"]["failed"]
    assert [name for name, arm in arms.items() if arm["failed"]] == ["much", "more"]
    assert arms["few-6"] == json.loads(whole.summary.arms[0].model_dump_json())
    assert (out / "report.html").is_file()
    failed = json.loads((out / "arms/much/seed-0/failed.json").read_text())
    assert failed["kind"] == "DataError" and WHY in failed["what"] and failed["trace"] == ""


def test_the_same_command_tries_it_again_and_what_is_done_after_all_has_not_failed(whole: Whole, tmp_path: Path) -> None:
    wanted, heard = tmp_path / "wanted.txt", tiny.Heard()
    arm = {"select": "random", "budget": 6, "source": "kept", "include": str(wanted), "seeds": 1}
    recipe = tiny.recipe(whole.folder, arms=tiny.ARMS | {"named": arm})
    wanted.write_text("nobody.jsonl:1\n")
    assert run(recipe, tmp_path / "out", heard, whole.shared).arms[-1].failed
    assert (tmp_path / "out/arms/named/seed-0/failed.json").is_file()
    picked = tables.read(whole.out / "arms/few-6/selection.parquet")["origin"].to_pylist()
    wanted.write_text(f"{picked[0]}\n")
    assert run(recipe, tmp_path / "out", heard, whole.shared).arms[-1].failed is None
    assert not (tmp_path / "out/arms/named/seed-0/failed.json").exists()
    assert len(heard.fallen) == 1 and "nobody.jsonl:1" in heard.fallen[0]


def test_without_the_claim_there_is_no_comparison(whole: Whole, tmp_path: Path) -> None:
    recipe = tiny.recipe(whole.folder, arms={"much": {"select": "random", "budget": 5000}} | tiny.ARMS)
    summary = run(recipe, tmp_path, None, whole.shared)
    assert summary.verdict.outcome == "cannot tell"
    assert not summary.comparisons
    assert WHY in (summary.arms[0].failed or "")
    assert (tmp_path / "arms/long/seed-1/answers.parquet").is_file()


def test_a_disk_that_cannot_be_written_to_stops_the_run(whole: Whole, tmp_path: Path) -> None:
    (tmp_path / "arms" / "long").mkdir(parents=True)
    (tmp_path / "arms" / "long" / "seed-0").write_text("in the way")
    heard = tiny.Heard()
    with pytest.raises(ThousandError, match=r"Writing to .* failed"):
        run(whole.recipe, tmp_path, heard, whole.shared)
    assert not heard.fallen and not (tmp_path / "summary.json").exists()
