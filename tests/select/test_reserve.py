"""What would be chosen next: by the same strategy, after its picks, in their classes."""

from collections import Counter

import pytest

from tests.select import pool
from thousand import tables
from thousand.recipe import Arm
from thousand.select import reserve, select


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    return pool.write(tmp_path_factory.mktemp("pool"), pool.ROWS)


def next_of(files, **wanted):
    arm = Arm(**wanted)
    chosen = select(*files, arm)["id"].to_pylist()
    table, why = reserve(*files, arm, chosen)
    return chosen, table, why


@pytest.mark.parametrize("strategy", ["top", "longest", "facility_location", "k_center", "random"])
def test_the_reserve_is_what_a_larger_budget_adds(files, strategy):
    quality = {"quality": ["asked"]} if strategy in ("top", "facility_location") else {}
    chosen, table, why = next_of(files, select=strategy, budget=10, source="kept", **quality)
    assert why is None
    assert table.schema == tables.SELECTION
    assert table["rank"].to_pylist() == list(range(1, 21))
    assert not set(chosen) & set(table["id"].to_pylist())
    larger = select(*files, Arm(select=strategy, budget=30, source="kept", include=chosen, **quality))["id"].to_pylist()
    assert table["id"].to_pylist() == [each for each in larger if each not in chosen]


def test_it_is_a_tenth_of_the_picks_but_not_fewer_than_twenty_and_no_more_than_there_are(files):
    measured = sum(pool.SAID[each]["asked"] is not None for each in pool.KEPT)
    for budget, expected in ((5, 20), (measured - 4, 4)):
        assert next_of(files, select="top", quality=["asked"], budget=budget)[1].num_rows == expected
    assert next_of(files, select="top", quality=["asked"], budget=measured)[2] == "every candidate that may be chosen is"


def test_each_class_of_a_quota_has_a_reserve(files):
    quota = {"source": {"chat": 7, "stackexchange": 3}}
    _, table, why = next_of(files, select="longest", budget=10, quota=quota, source="kept")
    assert why is None
    assert Counter(each.split(":")[0] for each in table["source"].to_pylist()) == {"chat": 14, "stackexchange": 6}


def test_a_quota_that_cannot_grow_is_left_out(files):
    tag = {"tags": {"bread": sum("bread" in (each["tags"] or []) for each in pool.KNOWN.values() if each["id"] in pool.CLEAN)}}
    _, table, why = next_of(files, select="longest", budget=30, quota=tag)
    assert (table.num_rows, why) == (20, None)


def test_a_budget_of_tokens_grows_by_a_tenth(files):
    chosen, table, why = next_of(files, select="longest", tokens=600, source="kept")
    assert why is None
    cost = sum(pool.SAID[each]["tokens"] for each in [*chosen, *table["id"].to_pylist()])
    assert table.num_rows > 0
    assert cost <= 660


def test_where_there_is_none_the_reason_is_said(files):
    assert next_of(files, select="all")[1:] == (tables.SELECTION.empty_table(), "all are chosen")
    table, why = reserve(*files, Arm(select="rds", budget=10), [])
    assert table.num_rows == 0
    assert "rds asks the base of every candidate" in why
    _, table, why = next_of(files, select="deita", quality=["asked"], budget=3, options={"most": 0.05})
    assert table.num_rows == 0
    assert why.startswith("deita: 8 rows are asked for")


def test_a_strategy_that_finds_fewer_gives_those(files):
    chosen = select(*files, Arm(select="deita", quality=["asked"], budget=3, options={"most": 0.3}))["id"].to_pylist()
    table, why = reserve(*files, Arm(select="deita", quality=["asked"], budget=3, options={"most": 0.3}), chosen)
    assert (table.num_rows, why) == (5, None)
