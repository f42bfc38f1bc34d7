"""What people decide at the desk is what is trained on: exactly, after every change of the recipe, and nothing else changes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.end_to_end import small
from thousand import tables
from thousand.align import align
from thousand.conversation import content_id
from thousand.desk import Event, Store
from thousand.errors import DataError
from thousand.recipe import Recipe, load
from thousand.run import Pool, prepare, run, trained
from thousand.run.looking import left
from thousand.run.run import opened
from thousand.run.selecting import selection
from thousand.run.units import units

ARMS = """arms:
  curated-12: {select: facility_location, quality: asked, budget: 12}
  none: {}
align: {batch: 8, steps: 2, checkpoints: false}
answer: {max_tokens: 8, repetition_penalty: 1.0}
judge: [longest]
seeds: 1
"""


@pytest.fixture(scope="module")
def recipe(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = small.write(tmp_path_factory.mktemp("reviewed"))
    text = path.read_text()
    path.write_text(text[: text.index("knowledge:")] + "curate: {signals: [asked]}\n" + ARMS)
    return path


@pytest.fixture(scope="module")
def chosen_first(recipe: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Pool, list[str]]:
    """A run that has stopped with its choice: its folder, what it says, and its arms' files."""
    folder = tmp_path_factory.mktemp("run") / "run"
    pool = prepare(load(recipe), folder, until="select")
    files = sorted(str(path.relative_to(folder / "arms")) for path in (folder / "arms").rglob("*.parquet"))
    return folder, pool, [*files, *(str(path) for path in folder.rglob("seed-0"))]


@pytest.fixture(scope="module")
def out(recipe: Path, chosen_first: tuple[Path, Pool, list[str]]) -> Path:
    """A finished run that nobody has looked at."""
    run(load(recipe), chosen_first[0])
    return chosen_first[0]


def said(question: str, answer: str) -> list[dict[str, str]]:
    return [{"role": "user", "content": question}, {"role": "assistant", "content": answer}]


def rows(out: Path, name: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = tables.read(out / "arms" / "curated-12" / f"{name}.parquet").to_pylist()
    return found


def facts(out: Path, name: str) -> dict[str, Any]:
    record: dict[str, Any] = json.loads((out / "arms" / "curated-12" / f"{name}.manifest.json").read_text())
    return record["facts"]


def finished(recipe: Recipe, out: Path) -> bool:
    """Whether a run would do no stage of any arm."""
    work = opened(recipe, out)
    return all(each.stage is None for each in left(work, units(recipe)).values())


def chosen(recipe: Recipe, out: Path) -> list[dict[str, Any]]:
    """What the claim would be trained on now; selects and reviews, and trains nothing."""
    found: list[dict[str, Any]] = tables.read(selection(opened(recipe, out), "curated-12").path).to_pylist()
    return found


def test_a_run_can_stop_with_its_choice_for_people_to_look_at(chosen_first: tuple[Path, Pool, list[str]]) -> None:
    folder, pool, files = chosen_first
    assert files == ["curated-12/reserve.parquet", "curated-12/selection.parquet"]  # and nothing is trained
    assert pool.chosen == {"curated-12": folder / "arms" / "curated-12" / "selection.parquet"}
    assert f"curated-12: 12 examples in {pool.chosen['curated-12']}." in pool.sentence()


def test_without_decisions_nothing_is_done_again(recipe: Path, out: Path) -> None:
    Store.at(out).close()  # a desk that was opened, and at which nothing was said
    assert finished(load(recipe), out)
    assert selection(opened(load(recipe), out), "curated-12").path.name == "selection.parquet"
    assert not (out / "arms" / "curated-12" / "reviewed.parquet").exists()


def test_the_reserve_holds_what_comes_next(out: Path) -> None:
    picks, reserve = rows(out, "selection"), rows(out, "reserve")
    assert [row["rank"] for row in reserve] == list(range(1, 21))
    assert not {row["id"] for row in picks} & {row["id"] for row in reserve}


def test_exactly_the_reviewed_examples_are_trained_on(recipe: Path, out: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    picks, reserve = rows(out, "selection"), rows(out, "reserve")
    kept, edited, refused, asked = (picks[at]["content"] for at in (1, 2, 3, 4))
    held_out = json.loads((recipe.parent / "lab" / "few_prompts.jsonl").read_text().splitlines()[0])["prompt"]
    own, stolen = said("How is an onion peeled?", "Cut off both ends first."), said(held_out, "In the hall, it is said.")
    better = said(picks[2]["messages"][0]["content"], "Said better at the desk.")
    with Store.at(out) as store:
        store.append_all(
            [
                Event.now("ann", "accept", kept),
                Event.now("ann", "edit", edited, after=better),
                Event.now("bob", "reject", refused, after={"replacement": reserve[2]["content"]}, reason="too long"),
                Event.now("bob", "edit", asked, after=stolen),
                Event.now("bob", "write", content_id(own), after=own),  # type: ignore[arg-type]
                Event.now("bob", "accept", "0" * 16),
            ]
        )
    seen: list[list[Any]] = []

    def watched(examples: Any, *given: Any, **more: Any) -> Any:
        seen.append(examples["messages"].to_pylist())
        return align(examples, *given, **more)

    monkeypatch.setattr(trained, "align", watched)
    summary = run(load(recipe), out)
    reviewed = rows(out, "reviewed")
    assert seen == [[row["messages"] for row in reviewed]]
    assert summary.arms[0].examples == len(reviewed) == 12
    by_content = {row["content"]: row for row in reviewed}
    assert by_content[edited]["messages"] == better
    assert (by_content[edited]["change"], by_content[edited]["by"], by_content[edited]["id"]) == ("edited", ["ann"], picks[2]["id"])
    assert (by_content[kept]["change"], by_content[kept]["messages"]) == ("accepted", picks[1]["messages"])
    assert reserve[2]["content"] in by_content
    assert not {refused, asked} & by_content.keys()
    assert (reviewed[-1]["messages"], reviewed[-1]["change"], reviewed[-1]["rank"]) == (own, "written", 12)
    spared = {each["subject"]: each["reason"] for each in facts(out, "reviewed.parquet")["not_applied"]}
    assert spared.keys() == {"0" * 16, asked}
    assert spared["0" * 16] == "it is not among the candidates any more"
    assert "held-out prompt" in spared[asked]
    attribution = (out / "dataset" / "attribution.csv").read_text().splitlines()
    assert [line.split(",")[0] for line in attribution if line.endswith(",edited")] == [picks[2]["id"]]
    page = (out / "report.html").read_text()
    assert "What people did" in page
    assert spared[asked] in page


def test_a_changed_threshold_chooses_anew_and_the_edits_are_still_there(recipe: Path, out: Path) -> None:
    before = rows(out, "reviewed")
    changed = load(recipe)
    arm = changed.arms["curated-12"].model_copy(update={"gate": 0.6})
    after = chosen(changed.model_copy(update={"arms": changed.arms | {"curated-12": arm}}), out)
    changes = [[(row["content"], row["change"], row["messages"]) for row in table if row["change"]] for table in (before, after)]
    assert sorted(changes[0], key=str) == sorted(changes[1], key=str)
    assert len(changes[0]) == 3
    assert {row["id"] for row in before} != {row["id"] for row in after}
    assert len(after) == 12


def test_who_agrees_to_what_is_there_trains_nothing_again(recipe: Path, out: Path) -> None:
    chosen(load(recipe), out)
    assert finished(load(recipe), out)
    edited = next(row["content"] for row in rows(out, "reviewed") if row["change"] == "edited")
    with Store.at(out) as store:
        store.append(Event.now("cat", "accept", edited))
    chosen(load(recipe), out)
    assert finished(load(recipe), out)
    assert next(row for row in rows(out, "reviewed") if row["change"] == "edited")["by"] == ["ann", "cat"]
    with Store.at(out) as store:
        store.append(Event.now("cat", "edit", edited, after=said("How?", "Otherwise.")))
    assert not finished(load(recipe), out)  # they differ now, and nothing applies
    with Store.at(out) as store:
        store.append(Event.now("cat", "undo", edited))
    chosen(load(recipe), out)
    assert finished(load(recipe), out)


def test_more_than_the_budget_or_the_quotas_hold_is_said(recipe: Path, out: Path) -> None:
    loaded = load(recipe)
    claim = loaded.arms["curated-12"]

    def with_arm(**update: Any) -> Recipe:
        return loaded.model_copy(update={"arms": loaded.arms | {"curated-12": claim.model_copy(update=update)}})

    with pytest.raises(DataError, match=r"budget is 3.* asks for 4: 1 accepted, 1 edited, 1 named to take a place, 1 written") as error:
        chosen(with_arm(budget=3), out)
    assert "Raise the budget" in error.value.remedy
    with pytest.raises(DataError, match=r"quota\.source\.chat allows 2 and") as quotas:
        chosen(with_arm(quota={"source": {"chat": 2}}), out)
    assert "1 accepted, 1 edited, 1 named to take a place, 1 written" in quotas.value.remedy


def test_an_arm_may_say_that_it_is_reviewed_or_not(recipe: Path, out: Path) -> None:
    loaded = load(recipe)
    claim = loaded.arms["curated-12"]
    with_arms = loaded.model_copy(update={"arms": {"curated-12": claim.model_copy(update={"review": False}), "other": claim}})
    assert "change" not in tables.read(selection(opened(with_arms, out), "curated-12").path).column_names
    assert selection(opened(with_arms, out), "other").path.name == "selection.parquet"
    asked = with_arms.model_copy(update={"arms": {"none": loaded.arms["none"], "other": claim.model_copy(update={"review": True})}})
    assert selection(opened(asked, out), "other").path.name == "reviewed.parquet"


def test_decisions_that_are_taken_back_leave_what_was_there_before(recipe: Path, out: Path) -> None:
    with Store.at(out) as store:
        told = [event for event in store.events() if event.kind != "undo"]
        store.append_all([Event.now(event.who, "undo", event.subject) for event in reversed(told)])
    work = opened(load(recipe), out)
    assert selection(work, "curated-12").path.name == "selection.parquet"
    assert work.decided is not None
    assert work.decided.account.accepted == 0
    assert [row["change"] for row in rows(out, "reviewed")] == [None] * 12
