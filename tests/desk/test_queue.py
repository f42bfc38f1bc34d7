"""The queue: what is shown, in which order, what takes a place, and how far it has come."""

from __future__ import annotations

from dataclasses import replace

import pyarrow as pa
import pytest

from tests.desk.examples import WRITTEN, WRITTEN_ID, numbered, said
from tests.desk.reviewed import contents, make_run
from thousand.desk import queue
from thousand.desk.decisions import fold
from thousand.desk.pool import Pool


@pytest.fixture(scope="module")
def selection(tmp_path_factory):
    return Pool.open(make_run(tmp_path_factory.mktemp("queue") / "run", rows=40, budget=6, reserve=4)).selection


@pytest.fixture(scope="module")
def order(selection):
    return list(selection.contents)


@pytest.fixture(scope="module")
def spare(selection):
    return selection.reserve["content"].to_pylist()


def states(*told):
    return fold(numbered(*told)).states


def test_replacements_and_what_was_written_come_after_the_selection(selection, order, spare):
    told = states(("ann", "reject", order[2], {"replacement": spare[0]}), ("ann", "accept", order[0]))
    assert queue.offered(selection, told) == [*order, spare[0]]
    conflict = states(("ann", "reject", order[2], {"replacement": spare[0]}), ("bob", "accept", order[2]))
    assert queue.offered(selection, conflict) == order  # nothing applies


def test_what_one_has_decided_is_not_shown_again_and_what_is_put_off_comes_last(order):
    told = states(("ann", "accept", order[0]), ("ann", "skip", order[1]), ("bob", "accept", order[2]))
    assert queue.arranged(order, told, "ann", "open") == [*order[2:], order[1]]
    assert queue.arranged(order, told, "bob", "open") == [order[0], order[1], *order[3:]]
    assert queue.arranged(order, told, "ann", "skipped") == [order[1]]
    assert queue.arranged(order, told, "ann", "accepted") == [order[0]]  # what bob says of another is not told


def test_taste_and_likeness_order_it_and_leave_equals_by_rank(order):
    chances = {order[3]: 0.9, order[1]: 0.4}
    assert queue.arranged(order, {}, "ann", "all", chance=lambda _: chances) == [order[3], order[1], order[0], order[2], *order[4:]]
    likeness = dict.fromkeys(order, 0.1) | {order[5]: 0.8}
    assert queue.arranged(order, {}, "ann", "all", chance=lambda _: chances, likeness=likeness)[:2] == [order[5], order[0]]


def test_ones_own_share_comes_before_those_of_others(order):
    mine = {order[3], order[1]}
    told = states(("ann", "skip", order[1]))
    assert queue.arranged(order, {}, "ann", "open", mine.__contains__) == [order[1], order[3], order[0], order[2], *order[4:]]
    assert queue.arranged(order, told, "ann", "open", mine.__contains__) == [order[3], order[0], order[2], *order[4:], order[1]]


def test_the_next_of_the_reserve_takes_a_place_and_no_row_takes_two(selection, order, spare):
    assert queue.replacement(selection, {}, order[0]) == spare[0]
    promised = states(("ann", "reject", order[0], {"replacement": spare[0]}))
    assert queue.replacement(selection, promised, order[1]) == spare[1]
    refused = states(("ann", "reject", order[0], {"replacement": spare[0]}), ("ann", "reject", spare[1]))
    assert queue.replacement(selection, refused, order[1]) == spare[2]
    assert queue.replacement(selection, {}, order[0], {spare[2]: 0.9}) == spare[2]
    gone = [("ann", "reject", each) for each in spare]
    assert queue.replacement(selection, states(*gone), order[0]) is None


def test_where_what_takes_a_place_is_rejected_the_next_takes_it(selection, order, spare):
    told = states(("ann", "reject", order[2], {"replacement": spare[0]}), ("ann", "reject", spare[0], {"replacement": spare[1]}))
    assert queue.offered(selection, told) == [*order, *spare[:2]]
    assert queue.takers(selection, told) == {spare[0]: order[2], spare[1]: order[2]}
    assert queue.replacement(selection, told, spare[1]) == spare[2]
    ring = states(("ann", "reject", spare[0], {"replacement": spare[1]}), ("ann", "reject", spare[1], {"replacement": spare[0]}))
    assert queue.takers(selection, ring) == {}


def test_what_has_no_place_leaves_none(selection, spare):
    assert queue.replacement(selection, {}, "0" * 16) is None
    assert queue.replacement(selection, {}, spare[3]) is None


def test_a_replacement_is_of_the_stratum_of_the_place_however_often_it_changes_hands(selection, order, spare):
    strata = ["a", "b"] * 3, ["b", "a", "b", "a"]
    tables = [
        table.set_column(table.column_names.index("stratum"), "stratum", pa.array(of))
        for table, of in zip((selection.table, selection.reserve), strata, strict=True)
    ]
    parted = replace(selection, table=tables[0], reserve=tables[1])
    assert queue.replacement(parted, {}, order[0]) == spare[1]
    told = states(("ann", "reject", order[0], {"replacement": spare[1]}))
    assert queue.replacement(parted, told, spare[1]) == spare[3]


def test_what_was_written_stays_in_the_set_when_its_author_edits_it(selection, order):
    told = states(("ann", "write", WRITTEN_ID, WRITTEN), ("ann", "edit", WRITTEN_ID, said("Better.")))
    offered = queue.offered(selection, told)
    assert offered == [*order, WRITTEN_ID]
    assert queue.progress(selection, offered, told, "ann", {}, 6).written == 1
    assert queue.arranged(offered, told, "bob", "written") == [WRITTEN_ID]


def test_what_is_accepted_from_elsewhere_is_in_the_set_if_the_pool_has_it(selection, order):
    told = states(("ann", "accept", "f" * 16), ("ann", "reject", "e" * 16), ("ann", "accept", order[1]))
    assert queue.accepted_elsewhere(selection, told) == ["f" * 16]
    assert queue.offered(selection, told) == order
    assert queue.offered(selection, told, ["f" * 16]) == [*order, "f" * 16]


def test_progress_counts_what_applies(selection, order, spare):
    told = states(
        ("ann", "accept", order[0]),
        ("ann", "edit", order[1], said("Better.")),
        ("ann", "reject", order[2], {"replacement": spare[0]}),
        ("ann", "accept", order[3]),
        ("bob", "reject", order[3]),
        ("bob", "accept", order[4]),
    )
    offered = queue.offered(selection, told)
    found = queue.progress(selection, offered, told, "ann", {"quota.source.chat": "at least 2"}, 6)
    assert (found.budget, found.offered, found.decided) == (6, 7, 4)
    assert (found.accepted, found.edited, found.rejected, found.written, found.disputed) == (2, 1, 1, 0, 1)
    assert [(each.label, each.wanted, each.held) for each in found.parts] == [("quota.source.chat", "at least 2", 0)]


def test_contents_of_the_run_are_those_of_the_selection(tmp_path):
    run = make_run(tmp_path / "run", rows=10, budget=3)
    assert list(Pool.open(run).selection.places) == contents(run)
