"""What is drawn of the choice is what the tables say, whatever the order of their rows and however many there are."""

import importlib
import random

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.report.synthetic import picture
from thousand import tables
from thousand.conversation import content_id
from thousand.embedding import exact, unit
from thousand.report import choice
from thousand.report.choice import coverage

TOPICS = ["bread oven flour yeast crust dough", "river boat water fish bridge bank", "engine wheel road petrol brake gear"]


def row(i):
    rng = random.Random(i)
    prompt = " ".join(rng.choices(TOPICS[i % 3].split(), k=5)) + f" number{i}"
    messages = [{"role": "user", "content": prompt}, {"role": "assistant", "content": "x" * (i + 1)}]
    source = "chat:a.jsonl" if i % 2 else "stackexchange:coffee"
    return {"id": f"id{i}", "content": content_id(messages), "messages": messages, "source": source}, i % 4 != 0


ROWS = [row(i) for i in range(60)]
KEPT = [each for each, kept in ROWS if kept]


def write(folder, rows, **picks):
    """Texts, ledger and selections, as files; the texts in two parts."""
    candidates = [dict.fromkeys(tables.CANDIDATES.names) | each for each, _ in rows]
    parts = [pa.Table.from_pylist(part, tables.CANDIDATES) for part in (candidates[:25], candidates[25:])]
    tables.write_parts(folder / "texts", parts, tables.CANDIDATES)
    ledger = [dict.fromkeys(tables.LEDGER.names) | {"id": each["id"], "content": each["content"], "kept": kept} for each, kept in rows]
    tables.write(folder / "ledger.parquet", pa.Table.from_pylist(ledger, tables.LEDGER))
    known = {each["id"]: each for each, _ in rows}
    for name, numbers in picks.items():
        chosen = [dict.fromkeys(tables.SELECTION.names) | known[f"id{i}"] | {"rank": rank} for rank, i in enumerate(numbers, 1)]
        tables.write(folder / f"{name}.parquet", pa.Table.from_pylist(chosen, tables.SELECTION))
    return folder / "texts", folder / "ledger.parquet", {name: folder / f"{name}.parquet" for name in picks}


def limits(monkeypatch, **values):
    for name, value in values.items():
        monkeypatch.setattr(importlib.import_module("thousand.report.choice"), name, value)


def test_pool_and_picks_are_those_of_the_tables(tmp_path):
    seen = choice(*write(tmp_path, ROWS, mine=[1, 2, 3, 5], longest=[59, 56, 52]))
    assert seen.count == len(KEPT) == 45
    assert sorted(seen.lengths.tolist()) == [i + 1 for i in range(60) if i % 4]
    assert seen.sources == {"chat:a.jsonl": 30, "stackexchange:coffee": 15}
    mine, longest = seen.arms
    assert (mine.name, mine.count, mine.kept.tolist(), mine.lengths.tolist()) == ("mine", 4, [True] * 4, [2, 3, 4, 6])
    assert (longest.name, longest.kept.tolist()) == ("longest", [True, False, False])
    assert longest.sources == {"chat:a.jsonl": 1, "stackexchange:coffee": 2}
    assert seen.places.shape == (45, 2)
    assert mine.places.shape == (4, 2)
    assert 0 < seen.variance < 1


def test_what_people_wrote_is_not_shown_as_dropped(tmp_path):
    texts, ledger, selections = write(tmp_path, ROWS, mine=[1, 4])
    added = tables.read(selections["mine"], tables.SELECTION.names).to_pylist()
    added.append(added[0] | {"id": "desk-0123456789abcdef", "source": "desk", "rank": 3})
    tables.write(selections["mine"], pa.Table.from_pylist(added, tables.SELECTION))
    assert choice(texts, ledger, selections).arms[0].kept.tolist() == [True, False, True]


def test_a_pick_lies_where_its_row_lies(tmp_path):
    numbers = [i for i in range(60) if i % 4]
    seen = choice(*write(tmp_path, ROWS, mine=numbers))
    assert seen.places[np.argsort(seen.lengths)] == pytest.approx(seen.arms[0].places)
    assert seen.arms[0].coverage[-1] == pytest.approx(1, abs=0.01)  # everything was chosen


def test_topics_lie_apart_and_a_pick_of_another_topic_covers_more(tmp_path):
    seen = choice(*write(tmp_path, ROWS, alike=[1, 7, 13], apart=[1, 2, 3]))
    alike, apart = seen.arms
    assert alike.coverage[0] == apart.coverage[0]
    assert apart.coverage[-1] > alike.coverage[-1]
    topic = (seen.lengths - 1) % 3
    centres = np.stack([seen.places[topic == each].mean(axis=0) for each in range(3)])
    nearest = ((seen.places[:, None] - centres) ** 2).sum(axis=2).argmin(axis=1)
    assert (nearest == topic).mean() > 0.9


@pytest.mark.parametrize("sample", [4000, 20])
def test_the_order_of_the_rows_changes_nothing(tmp_path, monkeypatch, sample):
    limits(monkeypatch, SAMPLE=sample)
    first = choice(*write(tmp_path / "a", ROWS, mine=[1, 2, 3]))
    second = choice(*write(tmp_path / "b", random.Random(1).sample(ROWS, 60), mine=[1, 2, 3]))
    assert len(first.lengths) == min(sample, 45)
    assert first.lengths.tolist() == second.lengths.tolist()
    assert np.array_equal(first.places, second.places)
    assert np.array_equal(first.arms[0].coverage, second.arms[0].coverage)
    assert first.sources == second.sources


def test_large_pools_and_selections_are_cut_for_the_drawing_and_counted_whole(tmp_path, monkeypatch):
    limits(monkeypatch, SAMPLE=20, DRAWN=5, ARMS=2)
    seen = choice(*write(tmp_path, ROWS, a=range(1, 12), b=[1], c=[2]))
    assert [arm.name for arm in seen.arms] == ["a", "b"]
    assert (seen.count, len(seen.places)) == (45, 20)
    assert (seen.arms[0].count, len(seen.arms[0].places), len(seen.arms[0].coverage)) == (11, 5, 5)
    assert sum(seen.arms[0].sources.values()) == 11
    assert seen.arms[0].lengths.tolist() == [2, 3, 4, 5, 6]  # the first picks


def test_where_there_is_nothing_to_see_there_is_no_picture(tmp_path):
    assert choice(*write(tmp_path / "a", ROWS)) is None
    assert choice(*write(tmp_path / "b", ROWS, mine=[])) is None
    assert choice(*write(tmp_path / "c", ROWS[:12], mine=[1])) is None  # nine rows are kept
    assert [arm.name for arm in choice(*write(tmp_path / "d", ROWS, none=[], mine=[1])).arms] == ["mine"]


@pytest.mark.parametrize(("text", "covered"), [("", 0), ("same words", 1)])
def test_prompts_that_are_all_alike_or_empty_lie_in_one_place(tmp_path, text, covered):
    rows = [(each | {"messages": [{"role": "user", "content": text}, each["messages"][1]]}, kept) for each, kept in ROWS]
    seen = choice(*write(tmp_path, rows, mine=[1, 2]))
    assert np.ptp(seen.places, axis=0) == pytest.approx([0, 0], abs=1e-6)
    assert seen.arms[0].coverage.tolist() == pytest.approx([covered, covered], abs=1e-3)


@settings(max_examples=60, deadline=None, derandomize=True)
@given(st.integers(0, 10**6), st.integers(1, 20), st.integers(0, 600), st.integers(1, 4))
def test_coverage_is_the_mean_of_the_nearest_so_far(seed, count, picks, dimensions):
    rng = np.random.default_rng(seed)
    pool, chosen = (exact(unit(rng.normal(size=(n, dimensions)))) for n in (count, picks))
    found = coverage(pool, chosen)
    assert found.shape == (picks,)
    assert (np.diff(found) >= 0).all()
    cosines = pool.astype(np.float64) @ chosen.T
    for j in {0, picks // 2, picks - 1, 255, 256} & set(range(picks)):
        assert found[j] == pytest.approx(cosines[:, : j + 1].max(axis=1).clip(0).mean(), abs=1e-12)


def test_shares_of_many_sources_are_added_up_so_that_none_is_lost():
    seen = picture(sources=[f"s{i}" for i in range(9)])
    shares = seen.shares()
    assert [name for name, _ in shares][-1] == "others"
    assert len(shares) == 7
    assert np.sum([each for _, each in shares], axis=0) == pytest.approx([1, 1, 1, 1])
    assert shares[0] == ("s0", pytest.approx([2100 / 3253, 0.6, 0, 0]))
