"""What the pages read of a run: rows looked up on disk, the ledger searched, neighbours, and a selection that changes meanwhile."""

from __future__ import annotations

import shutil
import time

import numpy as np
import pyarrow as pa
import pytest

from tests.desk.reviewed import contents, make_run, messages_of
from thousand import tables
from thousand.desk.near import Neighbourhood
from thousand.desk.pool import Pool
from thousand.desk.search import Filters, find
from thousand.embedding import Tfidf
from thousand.errors import DataError


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    return make_run(tmp_path_factory.mktemp("pool") / "run")


@pytest.fixture(scope="module")
def pool(run):
    return Pool.open(run)


def found(pool, **filters):
    picked = np.array([pool.candidates.rows_of("id", [each])[each] for each in pool.selection.table["id"].to_pylist()])
    return find(pool.candidates, Filters(**filters), picked).tolist()


def test_a_row_is_whole_and_has_its_signals(pool):
    row = pool.candidates.row(7)
    assert row["messages"] == messages_of(7)
    assert (row["words"], row["kept"], row["reasons"]) == (7.0, True, [])
    assert pool.candidates.row(6)["asked"] is None
    assert list(pool.candidates.signals) == ["words", "asked"]


def test_rows_are_found_by_name_the_first_of_equals(run, tmp_path):
    copy = tmp_path / "run"
    make_run(copy, rows=10, budget=4, reserve=2, messages=lambda i: messages_of(i % 5))
    candidates = Pool.open(copy).candidates
    wanted = [candidates.row(3)["content"], "f" * 16]
    assert candidates.rows_of("content", wanted) == {wanted[0]: 3}


def test_the_ledger_is_searched_by_what_it_says(pool):
    assert found(pool, text="NUMBER 12") == [12]  # in any case
    assert found(pool, text="number .2") == []  # a search, not a pattern
    assert found(pool, fate="dropped") == found(pool, reason="links") == list(range(0, 60, 5))
    assert found(pool, fate="kept", source="stackexchange", signal="words", least=50.0) == [51, 53, 57, 59]
    assert found(pool, signal="asked", most=0.1) == [1, 2, 4, 5]  # 0 and 3 were not measured
    assert len(found(pool, fate="selected")) == 20
    assert found(pool, fate="selected", text="bees, number 1?") == [1]
    assert len(found(pool)) == 60


def test_a_selection_made_anew_is_noticed(run, tmp_path):
    copy = tmp_path / "run"
    shutil.copytree(run, copy)
    pool = Pool.open(copy)
    pool.every = 0
    before, path = pool.selection, copy / "arms" / "curated" / "selection.parquet"
    table = tables.read(path)
    time.sleep(0.01)
    tables.write(path, table.slice(1), tables.SELECTION)
    assert pool.selection.key != before.key
    assert list(pool.selection.contents) == contents(run)[1:]
    path.unlink()  # while a run writes the next
    assert list(pool.selection.contents) == contents(run)[1:]


def test_what_cannot_be_reviewed_is_said(run, tmp_path):
    with pytest.raises(DataError, match="no run directory"):
        Pool.open(tmp_path / "nowhere")
    with pytest.raises(DataError, match="no selection to review"):
        Pool.open(tmp_path)
    with pytest.raises(DataError, match="no selection of an arm 'other'"):
        Pool.open(run, "other")
    several = tmp_path / "several"
    shutil.copytree(run, several)
    shutil.copytree(several / "arms" / "curated", several / "arms" / "other")
    with pytest.raises(DataError, match="selections of curated, other"):
        Pool.open(several)
    bare = tmp_path / "bare"
    shutil.copytree(run / "arms", bare / "arms")
    with pytest.raises(DataError, match="no curated pool"):
        Pool.open(bare)


def test_a_ledger_of_other_rows_is_refused(run, tmp_path):
    copy = tmp_path / "run"
    shutil.copytree(run / "curate", copy / "curate")
    shutil.copytree(run / "arms", copy / "arms")
    path = copy / "curate" / "ledger.parquet"
    tables.write(path, tables.read(path).take(pa.array([1, 0, *range(2, 60)])))
    with pytest.raises(DataError, match="not those of the texts"):
        Pool.open(copy)


def test_neighbours_are_the_likest_by_cosine_without_the_row_itself(pool):
    neighbourhood = Neighbourhood(pool)
    vectors = Tfidf().encode(["\n\n".join(turn["content"] for turn in messages_of(i)) for i in range(60)])
    likeness = vectors @ vectors[9]
    likeness[9] = -1
    expected = np.lexsort((np.arange(60), -likeness))[:5]
    got = neighbourhood.nearest(9, 5)
    assert [row for row, _ in got] == expected.tolist()
    assert np.allclose([cosine for _, cosine in got], likeness[expected], atol=1e-5)
    among = np.array([1, 2, 9, 30])
    assert sorted(row for row, _ in neighbourhood.nearest(9, 10, among=among)) == [1, 2, 30]
    assert not {1, 2, 30} & {row for row, _ in neighbourhood.nearest(9, 60, without=among)}


def test_vectors_are_made_in_a_process_of_their_own(tmp_path):
    pool = Pool.open(make_run(tmp_path / "run", rows=30, budget=5, compared=False))
    neighbourhood = Neighbourhood(pool)
    assert neighbourhood.vectors() is None  # nobody waits for them
    vectors = neighbourhood.vectors(wait=True)
    assert neighbourhood.failed is None
    assert vectors.shape[0] == 30
    assert [path.suffix for path in (tmp_path / "run" / "desk" / "cache").iterdir()].count(".npy") == 1
