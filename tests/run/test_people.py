"""A run whose judges are people: it waits for nobody, and hears who has judged at its desk."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.small import SHIPPED, laboratory
from thousand import tables
from thousand.desk.bench import Bench
from thousand.desk.events import Event
from thousand.desk.store import Store
from thousand.recipe import load
from thousand.report import Summary
from thousand.run import run

RECIPE = """
base: {base}
pool: [{{chat: {lab}/pool.jsonl}}]
prompts: {{test: {lab}/prompts.jsonl}}
arms:
  longest-4: {{select: longest, budget: 4}}
  none: {{}}
align: {{batch: 4, steps: 1}}
answer: {{max_tokens: 4}}
judge: [people]
seeds: 1
"""


@pytest.fixture(scope="module")
def recipe(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("people")
    path = folder / "recipe.yaml"
    path.write_text(RECIPE.format(base=SHIPPED, lab=laboratory(folder / "lab", rows=12)))
    return path


def fresh(out: Path) -> dict[str, int]:
    return {str(path.relative_to(out)): path.stat().st_mtime_ns for path in out.rglob("*.manifest.json")}


def judged(out: Path, who: str, words: list[str]) -> None:
    with Store.at(out) as store:
        bench = Bench(out, store)
        for word in words:
            opaque, _ = bench.standing(who, "pair", ("ann", "ben")).next  # type: ignore[misc]
            store.append(Event.now(who, "verdict", opaque, after={"said": word, "seconds": 30.0}))


def test_a_run_waits_for_nobody_and_hears_who_has_judged_since(recipe: Path, tmp_path: Path) -> None:
    out = tmp_path / "run"
    first: Summary = run(load(recipe), out)
    assert first.verdict.outcome == "cannot tell"
    assert any("thousand desk" in warning for warning in first.verdict.warnings)
    assert tables.read(out / "verdicts.parquet").num_rows == 0
    assert not (out / "desk").exists()

    before = fresh(out)
    judged(out, "ann", ["first", "neither"])
    second = run(load(recipe), out)
    verdicts = tables.read(out / "verdicts.parquet").to_pylist()
    assert [row["judge"] for row in verdicts] == ["people:ann"] * 2 + ["people"] * 2
    assert {(row["a"], row["b"]) for row in verdicts} == {("longest-4", "none")}
    assert not any("thousand desk" in warning for warning in second.verdict.warnings)
    (comparison,) = [each for each in second.comparisons if each.judge == "people"]
    assert (comparison.b, comparison.n) == ("none", 2)
    changed = {name for name, at in fresh(out).items() if before.get(name) != at}
    assert changed == {"verdicts.parquet.manifest.json"}  # nothing but judging is done again

    before = fresh(out)
    run(load(recipe), out)
    assert fresh(out) == before  # as long as nobody says more
