"""Which files a path stands for: folders, patterns, links that lead in circles, data sets saved or in the cache of Hugging Face."""

import json
import os
from pathlib import Path

import pytest

from thousand.errors import DataError
from thousand.gather.files import expand, matches
from thousand.gather.forms.chat import chat
from thousand.gather.rows import Candidate

ROWS = [{"prompt": f"Why {n}?", "response": f"Because of {n}."} for n in range(5)]


def write(path: Path, rows=ROWS) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


def names(path, kinds=(".jsonl",), **options):
    return [file.name for file in expand(str(path), kinds, **options)]


def asked(path):
    rows = list(chat(path=str(path)))
    assert all(isinstance(row, Candidate) for row in rows), rows
    return [row.messages[0]["content"] for row in rows]


ALL = [row["prompt"] for row in ROWS]


def test_a_folder_stands_for_the_files_below_it_that_are_not_hidden(tmp_path):
    for name in ("b.jsonl", "a/c.jsonl.gz", "a/z.JSONL", ".git/d.jsonl", "a/.e.jsonl", "cache-1f.jsonl", "README.md", "dataset_info.json"):
        write(tmp_path / name)
    assert names(tmp_path, (".jsonl", ".json"), folders=True) == ["b.jsonl", "a/c.jsonl.gz", "a/z.JSONL"]
    with pytest.raises(DataError, match="is a folder"):
        names(tmp_path)
    with pytest.raises(DataError, match="is a folder without files of a kind"):
        names(tmp_path, (".csv",), folders=True)


def test_two_stars_stand_for_folders_within_folders_but_not_for_hidden_ones(tmp_path):
    for name in ("x.jsonl", "a/x.jsonl", "a/b/c/x.jsonl", "a/.h/x.jsonl", ".x.jsonl"):
        write(tmp_path / name)
    assert names(tmp_path / "**" / "*.jsonl") == ["a/b/c/x.jsonl", "a/x.jsonl", "x.jsonl"]
    assert names(tmp_path / "a" / ".h" / "*.jsonl") == ["x.jsonl"]
    assert names(tmp_path / "**" / ".h" / "*") == ["x.jsonl"]
    assert len(matches(str(tmp_path / "a" / "**"))) == 2
    assert names(tmp_path / "?.jsonl") == names(tmp_path / "**.jsonl") == ["x.jsonl"]


def test_a_pattern_may_be_relative(tmp_path, monkeypatch):
    write(tmp_path / "pool" / "x.jsonl")
    monkeypatch.chdir(tmp_path / "pool")
    assert names("*.jsonl") == names("../*/x.jsonl") == names("./**/*.jsonl") == ["x.jsonl"]


@pytest.mark.parametrize("pattern", ["", "**/*.jsonl"])
def test_links_that_lead_in_circles_are_not_followed(tmp_path, pattern):
    write(tmp_path / "a" / "x.jsonl")
    for name in ("one", "two", "three"):  # followed, they would give 3 to the power of 40 paths
        (tmp_path / "a" / name).symlink_to(tmp_path)
    (tmp_path / "a" / "self.jsonl").symlink_to(tmp_path / "a" / "self.jsonl")
    if pattern:
        assert names(tmp_path / pattern) == ["x.jsonl"]
    else:
        with pytest.raises(DataError, match=r"self\.jsonl is not a file that stays"):
            names(tmp_path, folders=True)
    with pytest.raises(DataError, match="no file at"):
        names(tmp_path / "a" / "self.jsonl")


def test_a_data_set_that_datasets_saved_is_read(tmp_path):
    import datasets  # it takes a second

    saved = datasets.DatasetDict({"train": datasets.Dataset.from_list(ROWS[:3]), "test": datasets.Dataset.from_list(ROWS[3:])})
    saved.save_to_disk(tmp_path / "saved")
    write(tmp_path / "saved" / "train" / "cache-0a1b.arrow")  # what a computation of `datasets` leaves behind
    assert asked(tmp_path / "saved") == ALL[3:] + ALL[:3]
    assert asked(tmp_path / "saved" / "train") == ALL[:3]


def test_a_data_set_that_datasets_prepared_is_read_by_its_name(tmp_path, monkeypatch):
    import datasets  # it takes a second

    source = write(tmp_path / "MyRows.jsonl")
    datasets.load_dataset("json", data_files=str(source), cache_dir=str(tmp_path / "cache"))
    monkeypatch.setenv("HF_DATASETS_CACHE", str(tmp_path / "cache"))
    assert asked("hf:json") == ALL
    datasets.load_dataset("json", data_files=str(write(tmp_path / "other.jsonl", ROWS[:1])), cache_dir=str(tmp_path / "cache"))
    with pytest.raises(DataError, match=r"in the cache 2 times\.\s+Give the folder"):
        asked("hf:json")


def test_a_data_set_that_was_fetched_from_the_hub_is_read_by_its_name(tmp_path, monkeypatch):
    monkeypatch.setenv("HF_HOME", str(tmp_path))
    for name in ("HF_HUB_CACHE", "HUGGINGFACE_HUB_CACHE", "HF_DATASETS_CACHE"):
        monkeypatch.delenv(name, raising=False)
    kept, revision = tmp_path / "hub" / "datasets--owner--Name", "0123456789abcdef" * 2 + "01234567"
    blob = write(kept / "blobs" / "77aa")
    link = kept / "snapshots" / revision / "data" / "train.jsonl"
    link.parent.mkdir(parents=True)
    link.symlink_to(os.path.relpath(blob, link.parent))
    write(kept / "snapshots" / ("f" * 40) / "old.jsonl", ROWS[:1])
    with pytest.raises(DataError, match=r"hf:owner/Name is not on this machine"):
        asked("hf:owner/Name")
    (kept / "refs").mkdir()
    (kept / "refs" / "main").write_text(revision)
    assert asked("hf:owner/Name") == ALL
    assert next(iter(chat(path="hf:owner/Name"))).origin == "train.jsonl:1"


@pytest.mark.parametrize("name", ["hf:", "hf:../../etc", "hf:a/b/c", "hf:/etc", "hf:.", "hf:a/..", "hf:*"])
def test_what_is_no_name_of_a_data_set_is_not_looked_for(name):
    with pytest.raises(DataError, match="is not the name of a data set"):
        asked(name)


def test_a_clone_whose_files_were_not_fetched_says_so(tmp_path):
    (tmp_path / "train.parquet").write_text("version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n")
    with pytest.raises(DataError, match=r"Git LFS has not fetched\.\s+Fetch it: git lfs pull"):
        asked(tmp_path)
