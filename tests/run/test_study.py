"""The same asked of several bases: a run of each, what they share is done once, and one page compares them."""

from __future__ import annotations

import shutil
from pathlib import Path

from tests.run import tiny
from tests.run.conftest import Whole
from thousand.recipe import load
from thousand.report import Across, Summary
from thousand.run import study, study_shard
from thousand.run.shards import Shard

FEW = {"few": {"select": "random", "budget": [6, 4], "source": "kept"}, "none": {"seeds": 1}}


def test_each_base_is_a_run_and_one_page_compares_them(whole: Whole, tmp_path: Path) -> None:
    shutil.copytree(whole.recipe.base, tmp_path / "twin")  # the same base by another name: all but the pool's part is shared
    recipe = tiny.recipe(whole.folder, base={"one": whole.recipe.base, "twin": str(tmp_path / "twin")}, arms=FEW)
    heard, out = tiny.Heard(), tmp_path / "study"
    told = study_shard(recipe, out, Shard(1, 1), heard, whole.shared)
    assert told.done[0] == "one: few-6, seed 0" and len(told.done) == 2 * 5 and not told.remaining
    found = study(recipe, out, heard, whole.shared)
    assert not [name for name in heard.made if name.startswith(("align", "answer"))]
    assert list(found.runs) == ["one", "twin"]
    assert found.runs["one"].arms == found.runs["twin"].arms
    assert (out / "one" / "report.html").is_file() and (out / "twin" / "report.html").is_file()
    assert "twin" in (out / "report.html").read_text(encoding="utf-8")
    assert Across.model_validate_json((out / "across.json").read_text(encoding="utf-8")) == found
    assert Summary.model_validate_json((out / "twin" / "summary.json").read_text(encoding="utf-8")) == found.runs["twin"]
    assert load(out / "recipe.yaml") == recipe and load(out / "twin" / "recipe.yaml") == recipe.on("twin")
