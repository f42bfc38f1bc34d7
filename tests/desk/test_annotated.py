"""Sets that people annotated elsewhere, at a desk."""

from __future__ import annotations

import csv
import json

import pytest

from tests.desk.judged import Person, chromium, enter, serving
from tests.small import lines
from tests.statistics.judging import FOLDER, tulu
from thousand.desk.annotated import import_annotated
from thousand.desk.annotations import Columns, annotations_in, read_columns
from thousand.desk.bench import Bench
from thousand.desk.results import results
from thousand.desk.store import Store
from thousand.errors import DataError, RecipeError
from thousand.statistics import kappa, tie_discounted

TULU = Columns(id="instance_id", at="timestamp", acceptable=("completion_a_is_acceptable", "completion_b_is_acceptable"), claim="tulu_65B")


def row(prompt="p", a="x", b="y", preference="a", who="ann", **more):
    said = {"prompt": prompt, "model_a": a, "model_b": b, "completion_a": f"{a} to {prompt}", "completion_b": f"{b} to {prompt}"}
    return said | {"preference": preference, "evaluator": who} | more


def taken_in(tmp_path, *rows, columns=None):
    run = tmp_path / "run"
    account = import_annotated(run, lines(tmp_path / "set.jsonl", *rows), columns)
    with Store.at(run) as store:
        return account, Bench(run, store).heard(), store.events(kinds=["verdict"])


def test_tulus_people_have_the_published_figures_on_the_page(tmp_path):
    """130 / 110 / 92 of 332 in chatgpt's view are 92 / 110 / 130 in that of the claim; 43.0 of the 63 that were judged by two."""
    path = FOLDER / "tulu_human.jsonl.gz"
    if not path.exists():
        pytest.skip(f"no {path.name} in {FOLDER}")
    account = import_annotated(tmp_path / "tulu", path, TULU)
    assert (account.rows, account.verdicts, account.superseded, account.other, account.people) == (745, 737, 8, 0, 16)
    with chromium() as browser, serving(tmp_path / "tulu") as address:
        page = enter(browser, address)
        page.goto(f"{address}/results")
        assert page.inner_text('tr[data-arm="chatgpt"] [data-first]') == "92 / 110 / 130"
        assert page.locator('tr[data-arm="chatgpt"] td').first.inner_text() == "332"
        found = page.locator('tr[data-agree="chatgpt"] td').all_inner_texts()
        judges = page.locator("tr[data-person]").count()
    first, second = tulu("tulu_65B", "chatgpt")[:2]
    agreed, beyond = tie_discounted(first, second), kappa(first, second)
    assert (found[0], found[1]) == ("63", "43.0 of 63")
    assert found[2].startswith(f"{100 * agreed.value:.0f}% [{100 * agreed.interval.low:.0f}, ")
    assert (found[3], found[4][:4]) == (f"{100 * agreed.chance:.0f}%", f"{beyond.value:.2f}")
    assert judges == 16


def test_models_become_arms_and_labels_verdicts_whose_words_stay(tmp_path):
    account, heard, events = taken_in(
        tmp_path,
        row("p", preference="a-is-slightly-better"),
        row("p", a="y", b="x", preference="a-is-better", who="ben"),
        row("q", preference="tie"),
        row("q", a="z w", b="x", preference="b", who="cat"),
    )
    assert (account.rows, account.verdicts, account.people, account.fresh) == (4, 4, 3, 4)
    said = [(each.who, each.shown.item.strand, each.shown.order, each.value, each.raw) for each in heard.counted]
    assert said == [
        ("ann", "y", "ab", 1.0, "a-is-slightly-better"),
        ("ben", "y", "ba", -1.0, "a-is-better"),
        ("ann", "y", "ab", 0.0, "tie"),
        ("cat", "z-w", "ba", 1.0, "b"),
    ]
    assert sorted(path.name for path in (tmp_path / "run" / "arms").iterdir()) == ["x", "y", "z-w"]
    assert all(event.after.keys() == {"said", "raw"} for event in events)


def test_of_several_verdicts_of_one_person_the_last_counts_in_the_place_of_the_first(tmp_path):
    account, heard, _ = taken_in(
        tmp_path, row(preference="a"), row(preference="b", who="ben"), row(a="y", b="x", preference="a"), row("q", preference="a")
    )
    assert account.rows == account.verdicts + account.superseded == 4
    assert [(each.who, each.value) for each in heard.counted] == [("ann", -1.0), ("ben", -1.0), ("ann", 1.0)]
    assert results(heard).versus[0].first.lost == 1


def test_the_same_file_again_adds_nothing_and_another_adds_to_it(tmp_path):
    taken_in(tmp_path, row(), row("q"))
    again, _, events = taken_in(tmp_path, row(), row("q"))
    assert (again.fresh, len(events)) == (0, 2)
    more, _, events = taken_in(tmp_path, row(who="ben", preference="tie"))
    assert (more.fresh, len(events)) == (1, 3)
    with pytest.raises(DataError, match=r"set\.jsonl:1: these answers of x and y to .* are not in the run"):
        taken_in(tmp_path, row() | {"completion_a": "another"})


def test_pairs_in_which_the_claim_is_not_are_counted(tmp_path):
    account, heard, _ = taken_in(tmp_path, row(), row("q", a="y", b="z"), columns=Columns(claim="x"))
    assert (account.rows, account.verdicts, account.other, len(heard.counted)) == (2, 1, 1, 1)


def test_whether_an_answer_is_acceptable_is_a_verdict_on_it(tmp_path):
    columns = Columns(acceptable=("ok_a", "ok_b"))
    account, heard, _ = taken_in(tmp_path, row(ok_a="yes", ok_b="no"), columns=columns)
    assert account.graded == 2
    said = {each.shown.item.strand: (each.said, each.value) for each in heard.counted if each.shown.item.task == "accept"}
    assert said == {"x": ("Pass", 1.0), "y": ("Fail", 0.0)}


@pytest.mark.parametrize(
    ("moment", "at"),
    [
        ("45065.5", "2023-05-19T12:00:00.000+00:00"),
        (1684497600, "2023-05-19T12:00:00.000+00:00"),
        ("2023-05-19T14:00:00+02:00", "2023-05-19T12:00:00.000+00:00"),
        ("2023-05-19 12:00", "2023-05-19T12:00:00.000+00:00"),
    ],
)
def test_moments_as_people_and_spreadsheets_write_them(tmp_path, moment, at):
    (found,) = annotations_in(lines(tmp_path / "s.jsonl", row(when=moment)), Columns(at="when"))
    assert found[1].at == at


@pytest.mark.parametrize(
    ("broken", "said"),
    [
        (row(preference="best"), r":1: preference: 'best' stands for nothing"),
        ({key: value for key, value in row().items() if key != "evaluator"}, r":1: evaluator: is missing"),
        (row(who=["ann"]), r":1: evaluator: expected text"),
        (row(who="a\u202eb"), r":1: evaluator: .* is not a name"),
        (row(b="x"), r":1: model_b: 'x' is compared with itself"),
        ('["a"]', r":1: expected an object"),
        ("{", r":1: not JSON"),
        ("", "has no rows"),
    ],
)
def test_a_row_that_is_no_annotation_is_named(tmp_path, broken, said):
    with pytest.raises(DataError, match=said):
        taken_in(tmp_path, broken)


def test_a_model_with_two_answers_to_one_prompt_needs_their_numbers(tmp_path):
    other = row(who="ben", n=1) | {"completion_a": "another"}
    with pytest.raises(DataError, match=r":2: x answers .* in another way than at .*:1"):
        taken_in(tmp_path, row(n=0), other)
    account, heard, _ = taken_in(tmp_path, row(n=0), other, columns=Columns(sample="n"))
    assert account.verdicts == 2
    assert {each.shown.item.sample for each in heard.counted} == {0, 1}


def test_columns_are_named_in_a_file_and_csv_is_read(tmp_path):
    named = tmp_path / "columns.yaml"
    named.write_text(
        "who: judge\nlabels: {left: first, right: second, 'no': neither}\nanswers: [l, r]\nmodels: [lm, rm]\npreference: best\n"
    )
    table = tmp_path / "set.csv"
    with table.open("w", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerows([["prompt", "lm", "rm", "l", "r", "best", "judge"], ["q, and\nmore", "m1", "m2", "one", "two", "right", "7"]])
    ((_, found),) = annotations_in(table, read_columns(named))
    assert (found.prompt, found.models, found.said, found.who) == ("q, and\nmore", ("m1", "m2"), "second", "7")
    named.write_text("labels: {no: neither}\n")
    with pytest.raises(RecipeError, match="labels"):
        read_columns(named)
    named.write_text("judge: x\n")
    with pytest.raises(RecipeError, match="judge"):
        read_columns(named)


def test_hostile_texts_reach_the_desk_as_text(tmp_path):
    run = tmp_path / "run"
    import_annotated(run, lines(tmp_path / "s.jsonl", row("<script>alert(1)</script>", a="<b>x</b>", who="</td><img src=x>")))
    with serving(run) as address:
        owner = Person(address)
        assert "<script>alert" not in json.dumps(owner.next())
        assert "<img" not in owner.get("/results")[1]
