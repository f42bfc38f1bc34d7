"""What each person is to judge next."""

from __future__ import annotations

from collections import Counter

import pyarrow as pa
import pytest

from tests.desk.judged import answers_of, write_run
from thousand import tables
from thousand.desk.bench import Bench
from thousand.desk.deal import deal
from thousand.desk.events import Event
from thousand.desk.said import said
from thousand.desk.store import Store

ARMS = {("curated", 0): "c {}".format, ("random", 0): "r {}".format, ("base", 0): "b {}".format}


@pytest.fixture
def run(tmp_path):
    return write_run(tmp_path / "run", ARMS, prompts=12, sensitive=3)


@pytest.fixture
def bench(run):
    with Store.at(run) as store:
        yield Bench(run, store)


def judge(bench, who, word="first", task="pair", judges=(), times=1000):
    """Judge so many items, or all; what was shown."""
    seen = []
    while len(seen) < times and (found := bench.standing(who, task, judges).next):
        opaque, shown = found
        bench.store.append(Event.now(who, "verdict", opaque, after={"said": word, "seconds": 1.0}))
        seen.append(shown)
    return seen


def test_judging_goes_through_everything_once_and_the_rest_never_tells_of_a_repeat(bench):
    before = bench.standing("ann", "pair")
    assert (before.done, before.last) == (0, None)
    repeats = 0
    for number in range(before.left):
        assert len(judge(bench, "ann", times=1)) == 1
        now = bench.standing("ann", "pair")
        assert (now.done, now.left) == (number + 1, before.left - number - 1)
        repeats += len(bench.heard().again)
    assert repeats > 0
    assert bench.standing("ann", "pair").next is None
    assert len(bench.heard().counted) == 24


def test_each_kind_has_items_of_its_own(bench):
    assert bench.counts() == {"pair": 24, "grade": 36, "accept": 36, "safe": 9}
    judge(bench, "ann", "5", "grade", times=3)
    assert (bench.standing("ann", "grade").done, bench.standing("ann", "pair").done) == (3, 0)
    assert {shown.item.prompt_id for shown in judge(bench, "ann", "safe", "safe")} == {"prompt-0", "prompt-1", "prompt-2"}


def test_two_judges_have_a_part_in_common_and_the_rest_is_done_once(bench):
    team = ("ann", "ben")
    seen = {who: [shown for shown in judge(bench, who, judges=team) if not shown.again] for who in team}
    keys = {who: {shown.item.key for shown in own} for who, own in seen.items()}
    common = keys["ann"] & keys["ben"]
    assert len(keys["ann"] | keys["ben"]) == 24
    assert common == {shown.item.key for shown in seen["ann"] if shown.shared}
    assert 2 <= len(common) <= 6  # a fifth of some 13


def test_whoever_comes_later_is_not_given_what_another_has_done_for_both(bench):
    alone = {shown.item.key for shown in judge(bench, "ann")}
    assert len(alone) == 24
    later = judge(bench, "ben")
    assert later
    assert all(shown.shared for shown in later)


def test_where_a_judge_joins_nobody_is_given_again_what_they_have_judged(run, bench):
    """Sides are balanced anew in what is left, and what stood one way would stand the other."""
    before = judge(bench, "ann", times=15)
    after = judge(bench, "ann", judges=("ben",))
    assert after
    done = {shown.item.key for shown in before if not shown.again}
    assert not done & {shown.item.key for shown in after if not shown.again}
    assert max(Counter(shown.item.key for shown in [*before, *after]).values()) == 2  # once more to see whether they say the same


def test_what_is_prepared_is_dealt_out_once(bench, monkeypatch):
    dealt = []
    monkeypatch.setattr("thousand.desk.bench.deal", lambda items, who, *rest: dealt.append(who) or deal(items, who, *rest))
    bench.prepare(["owner", "ann"], ["ann"])
    assert Counter(dealt) == {"owner": 4, "ann": 4}
    assert bench.standing("ann", "pair", ["ann"]).left > 0
    assert bench.standing("owner", "pair", ["ann"]).left > 0
    assert len(dealt) == 8


def test_a_bench_made_anew_goes_on_where_the_other_was(run, bench):
    judge(bench, "ann", times=7)
    with Store.at(run) as store:
        again = Bench(run, store)
        assert again.standing("ann", "pair") == bench.standing("ann", "pair")
        judge(again, "ann", times=1)  # as another process
    assert bench.standing("ann", "pair").done == 8


def test_verdicts_on_answers_that_were_made_anew_are_gone_and_the_rest_stays(run, bench):
    judge(bench, "ann", times=500)
    tables.write(run / "arms" / "random" / "seed-0" / "answers.parquet", answers_of(12, "another {}".format))
    found = bench.heard()
    assert {each.shown.item.strand for each in found.counted} == {"base"}
    assert len(found.counted) == 12
    assert found.gone >= 12
    assert bench.standing("ann", "pair").left >= 12


def test_what_has_no_answer_is_shown_to_nobody(run, bench):
    path = run / "arms" / "base" / "seed-0" / "answers.parquet"
    rows = tables.read(path).to_pylist()
    rows[0]["answer"] = None
    tables.write(path, pa.Table.from_pylist(rows, schema=tables.ANSWERS))
    assert bench.counts() == {"pair": 23, "grade": 35, "accept": 35, "safe": 8}


def test_the_table_of_a_run_holds_what_the_bench_heard(run, bench):
    judge(bench, "ann", times=5)
    judge(bench, "ann", "safe", "safe", times=2)
    answers = {(arm, seed): tables.read(run / "arms" / arm / f"seed-{seed}" / "answers.parquet") for arm, seed in ARMS}
    table = said(run, answers, "curated")
    assert table["judge"].to_pylist() == ["people:ann"] * 7 + ["people"] * 7
    assert {row["prompt_id"] for row in table.to_pylist() if row["criterion"] == "safe"} <= {"prompt-0", "prompt-1", "prompt-2"}
    fewer = {key: each for key, each in answers.items() if key[0] != "base"}
    assert set(said(run, fewer, "curated")["b"].to_pylist()) == {"random", None}


def test_where_nobody_judged_there_is_an_empty_table(tmp_path):
    assert said(tmp_path, {("a", 0): answers_of(2, str)}, "a").num_rows == 0
    assert list(tmp_path.iterdir()) == []
