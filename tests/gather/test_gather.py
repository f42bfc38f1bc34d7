"""The verb: tables on disk, ids, books that balance, and pools that give nothing."""

import hashlib
import json
import shutil
import sys
from pathlib import Path

import pyarrow as pa
import pytest

from thousand import tables
from thousand.engine import Processes
from thousand.errors import DataError, RecipeError
from thousand.gather import Counts, Gathered, gather
from thousand.gather.files import SourceFile
from thousand.gather.parts import Parts
from thousand.recipe import Choice

module = sys.modules["thousand.gather.gather"]
SHARED = Path(__file__).parents[2] / ".." / "shared" / "data"


def choice(**one):
    return Choice.model_validate(one)


def write(path: Path, *rows) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(row if isinstance(row, str) else json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


def said(folder: Path):
    return tables.read(folder).to_pylist()


ROW = {"prompt": "Why is the sky blue?", "response": "Because short waves scatter more."}


def test_a_row_becomes_a_candidate_with_every_column(tmp_path):
    pool = write(
        tmp_path / "pool.jsonl", ROW | {"score": 3, "author": "Ann", "tags": ["sky"], "group": 7, "link": "https://x", "license": "CC0"}
    )
    gather([choice(chat=str(pool))], tmp_path / "out", tmp_path / "rejected")
    table = tables.read(tmp_path / "out")
    assert table.schema.equals(tables.CANDIDATES)
    [row] = table.to_pylist()
    assert row | {"id": "", "content": ""} == {
        "id": "",
        "content": "",
        "source": "chat:pool.jsonl",
        "origin": "pool.jsonl:1",
        "messages": [{"role": "user", "content": ROW["prompt"]}, {"role": "assistant", "content": ROW["response"]}],
        "group": "pool.jsonl:7",
        "score": 3.0,
        "author": "Ann",
        "licence": "CC0",
        "link": "https://x",
        "tags": ["sky"],
    }
    spoken = f"user\x1f{ROW['prompt']}\x1eassistant\x1f{ROW['response']}"
    assert row["content"] == hashlib.sha256(spoken.encode()).hexdigest()[:16]
    assert row["id"] == hashlib.sha256(f"chat:pool.jsonl\x1fpool.jsonl:1\x1f{row['content']}".encode()).hexdigest()[:16]


def test_books_balance_and_are_kept_by_source(tmp_path):
    write(tmp_path / "a.jsonl", ROW, "{broken\n", ROW)
    write(tmp_path / "b.jsonl", {"messages": [{"role": "user", "content": "Hi"}, {"role": "assistant", "content": "Hello"}]})
    gathered = gather([choice(chat=str(tmp_path / "*.jsonl"))], tmp_path / "out", tmp_path / "rejected")
    assert (gathered.read, gathered.kept, gathered.rejected) == (4, 3, 1)
    assert gathered.by_source == {"chat:a.jsonl": Counts(3, 2, 1), "chat:b.jsonl": Counts(1, 1, 0)}
    assert gathered.forms == {"chat:a.jsonl": {"prompt_response": 2}, "chat:b.jsonl": {"messages": 1}}


def test_lost_rows_are_noticed():
    with pytest.raises(RuntimeError, match="lost count: 3 rows read, 1 candidates and 1 rejected"):
        Gathered(3, 1, 1, {"chat:a": Counts(3, 1, 1)}, {})
    with pytest.raises(RuntimeError, match="lost count"):
        Gathered(2, 1, 1, {"chat:a": Counts(2, 2, 0)}, {})


def test_the_same_files_elsewhere_have_the_same_ids(tmp_path):
    write(tmp_path / "here" / "a.jsonl", ROW, ROW)
    write(tmp_path / "here" / "more" / "b.jsonl", ROW)
    shutil.copytree(tmp_path / "here", tmp_path / "quite" / "elsewhere")
    for folder in (tmp_path / "here", tmp_path / "quite" / "elsewhere"):
        gather([choice(chat=str(folder / "**" / "*.jsonl"))], folder / "out", folder / "rejected")
    first, second = said(tmp_path / "here" / "out"), said(tmp_path / "quite" / "elsewhere" / "out")
    assert first == second
    assert {row["origin"] for row in first} == {"a.jsonl:1", "a.jsonl:2", "more/b.jsonl:1"}
    assert len({row["id"] for row in first}) == 3
    assert len({row["content"] for row in first}) == 1
    assert str(tmp_path) not in json.dumps(first)


def test_two_sources_of_one_name_keep_their_rows_apart(tmp_path):
    for folder in ("a", "b"):
        write(tmp_path / folder / "pool.jsonl", ROW)
    pools = [choice(chat=str(tmp_path / folder / "pool.jsonl")) for folder in ("a", "b")]
    gather(pools, tmp_path / "out", tmp_path / "rejected")
    rows = said(tmp_path / "out")
    assert [row["source"] for row in rows] == ["chat:pool.jsonl", "chat:pool.jsonl (2)"]
    assert rows[0]["id"] != rows[1]["id"]


def test_an_empty_pool_says_what_was_read_and_why_nothing_stayed(tmp_path):
    write(tmp_path / "a.jsonl", "{broken\n", {"title": "x"})
    write(tmp_path / "b.jsonl")
    with pytest.raises(DataError) as error:
        gather([choice(chat=str(tmp_path / "*.jsonl"))], tmp_path / "out", tmp_path / "rejected")
    for part in (
        "3 rows",
        "chat:a.jsonl (2 rows)",
        "chat:b.jsonl (1 rows)",
        "a.jsonl:1: not JSON",
        "the fields are title",
        "the file has no rows",
    ):
        assert part in str(error.value)
    assert tables.count(tmp_path / "rejected") == 3


def test_a_missing_file_shows_before_anything_is_read(tmp_path):
    pool = write(tmp_path / "a.jsonl", ROW)
    with pytest.raises(DataError, match=r"no file at .*b\.jsonl"):
        gather([choice(chat=str(pool)), choice(chat=str(tmp_path / "b.jsonl"))], tmp_path / "out", tmp_path / "rejected")
    assert not (tmp_path / "out").exists()


def test_an_unknown_form_or_option_names_its_place_in_the_recipe(tmp_path):
    with pytest.raises(RecipeError, match=r"pool\.0: 'chatt' is not known.\s+Did you mean 'chat'"):
        gather([choice(chatt="x")], tmp_path / "out", tmp_path / "rejected")
    with pytest.raises(RecipeError, match=r"pool\.0\.chat\.colums"):
        gather([choice(chat={"path": "x", "colums": {}})], tmp_path / "out", tmp_path / "rejected")


def test_an_interrupted_gathering_goes_on_with_the_shards_that_were_not_read(tmp_path, monkeypatch):
    monkeypatch.setattr(module, "_SHARD", 1)  # every file is a shard of its own
    pool = [choice(chat=str(write(tmp_path / f"{name}.jsonl", ROW, ROW | {"prompt": name}, "{broken\n"))) for name in "abc"]
    whole = gather(pool, tmp_path / "whole", tmp_path / "whole-rejected")
    seen = []

    class Dies:
        here = True

        def run(self, function, tasks):
            for task in tasks:
                if len(seen) == 2:
                    raise KeyboardInterrupt
                seen.append(task.number)
                yield function(task)

    with pytest.raises(KeyboardInterrupt):
        gather(pool, tmp_path / "out", tmp_path / "rejected", by=Dies())
    leftover = tmp_path / "out" / "part-00002-000.parquet"
    tables.write(leftover, tables.read(tmp_path / "out"))  # half a shard, which is read again
    opened = []
    real = SourceFile.open
    monkeypatch.setattr(SourceFile, "open", lambda file: opened.append(file.name) or real(file))
    assert gather(pool, tmp_path / "out", tmp_path / "rejected") == whole
    assert opened == ["c.jsonl"]
    assert tables.digest(tmp_path / "out") == tables.digest(tmp_path / "whole")
    assert tables.digest(tmp_path / "rejected") == tables.digest(tmp_path / "whole-rejected")


def test_what_another_pool_left_is_cleared_away(tmp_path):
    long = [choice(chat=str(write(tmp_path / "a.jsonl", *[ROW] * 10_001, "{broken\n")))]
    short = [choice(chat=str(write(tmp_path / "b.jsonl", ROW)))]
    for pool, kept in ((long, 10_001), (short, 1)):
        assert gather(pool, tmp_path / "out", tmp_path / "rejected").kept == kept
        assert tables.count(tmp_path / "out") == kept
    assert tables.count(tmp_path / "rejected") == 0


def test_processes_read_what_one_reads(tmp_path, monkeypatch):
    monkeypatch.setattr(module, "_SHARD", 1)
    pool = [choice(chat=str(write(tmp_path / f"{name}.jsonl", ROW, "{broken\n"))) for name in "abc"]
    here = gather(pool, tmp_path / "here", tmp_path / "here-rejected")
    assert gather(pool, tmp_path / "there", tmp_path / "there-rejected", by=Processes(2)) == here
    assert tables.digest(tmp_path / "here") == tables.digest(tmp_path / "there")


def test_parts_hold_at_most_so_many_rows_in_order(tmp_path):
    parts = Parts(tmp_path, pa.schema([("prompt_id", pa.string()), ("messages", tables.MESSAGES)]), rows=5000)
    for number in range(12_001):
        parts.add((str(number), []), 1)
    parts.close()
    assert [tables.count(part) for part in sorted(tmp_path.iterdir())] == [5000, 5000, 2001]
    assert tables.read(tmp_path)["prompt_id"].to_pylist() == [str(number) for number in range(12_001)]


def test_no_rejection_is_an_empty_table(tmp_path):
    gather([choice(chat=str(write(tmp_path / "a.jsonl", ROW)))], tmp_path / "out", tmp_path / "rejected")
    assert tables.read(tmp_path / "rejected").schema.equals(tables.REJECTED)
    assert tables.count(tmp_path / "rejected") == 0


def test_progress_ends_with_the_rows_read(tmp_path):
    told = []
    gather([choice(chat=str(write(tmp_path / "a.jsonl", *[ROW] * 2500)))], tmp_path / "out", tmp_path / "rejected", progress=told.append)
    assert told == [1000, 2000, 2500]


@pytest.mark.skipif(not SHARED.is_dir(), reason=f"no real data at {SHARED}: shared/data belongs beside the repository")
def test_real_dumps_and_chats_balance(tmp_path):
    pool = [choice(stackexchange=str(SHARED / "stackexchange" / "coffee.Posts.xml")), choice(chat=str(SHARED / "alpaca_libre" / "*.jsonl"))]
    gathered = gather(pool, tmp_path / "out", tmp_path / "rejected")
    assert gathered.by_source["stackexchange:coffee"] == Counts(327, 327, 0)  # grep -c 'PostTypeId="2"'
    assert gathered.read - 327 == 5874  # grep -c . over the three files
    broken = [row for row in said(tmp_path / "rejected") if row["field"] is None]
    assert len(broken) == 14  # SOURCE.txt: 5,860 tasks; the other lines do not parse
    assert len(set(tables.read(tmp_path / "out")["id"].to_pylist())) == gathered.kept
