"""``thousand review``: what the decisions come to, and their way out of one run and into another."""

import json
import sys

import pytest

from tests.desk.examples import event, numbered, said
from thousand import cli
from thousand.desk.exchange import read_events
from thousand.desk.store import Store


@pytest.fixture
def review(capsys, monkeypatch):
    """Runs the command: exit code, standard output, standard error."""

    def call(*arguments):
        monkeypatch.setattr(sys, "argv", ["thousand", "review", *map(str, arguments)])
        with pytest.raises(SystemExit) as stopped:
            cli.main()
        told = capsys.readouterr()
        return stopped.value.code or 0, told.out, told.err

    return call


@pytest.fixture
def run(tmp_path):
    """Of a run at whose desk two have sat."""
    folder = tmp_path / "run"
    folder.mkdir()
    told = [("ann", "accept", "aaaa"), ("bob", "reject", "aaaa"), ("ann", "edit", "bbbb", said("B"))]
    with Store.at(folder) as store:
        store.append_all([*numbered(*told), event(9, "eve", "member", "eve", {"role": "owner"})])
    return folder


def test_it_says_what_was_decided_and_what_waits(review, run):
    code, out, _ = review(run)
    assert code == 0
    assert out.splitlines() == [
        "0 accepted, 1 edited, 0 rejected, 0 written. 1 are in conflict and wait to be settled.",
        "ann: 1 accepted, 1 edited, 0 rejected, 0 written, 0 minutes",
        "bob: 0 accepted, 0 edited, 1 rejected, 0 written, 0 minutes",
        "Conflict about aaaa: bob would reject it, ann would not.",
    ]


def test_what_goes_out_of_one_run_comes_into_another(review, run, tmp_path):
    file, other = tmp_path / "events.jsonl", tmp_path / "other"
    other.mkdir()
    assert json.loads(review(run, "--export", file, "--json")[1])["exported"] == 4
    assert len(read_events(file)) == 4
    assert "3 of the 4 events" in (told := review(other, "--import", file)[1])
    assert "1 more would let somebody into the desk and are left out" in told
    assert json.loads(review(other, "--import", file, "--members", "--json")[1])["imported"] == {"events": 4, "fresh": 1, "members": 0}
    review(other, "--export", tmp_path / "again.jsonl")
    assert (tmp_path / "again.jsonl").read_bytes() == file.read_bytes()


def test_nothing_is_made_where_nobody_has_decided_anything(review, tmp_path):
    code, _, err = review(tmp_path)
    assert code == 1
    assert "Nobody has decided anything" in err
    assert list(tmp_path.iterdir()) == []
