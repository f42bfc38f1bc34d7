"""Events leave a store in a file and come back the same; a file that is wrong anywhere brings nothing in."""

import json
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings

from tests.desk.examples import event, histories, numbered, said
from thousand.desk.exchange import Imported, import_events, read_events, write_events
from thousand.desk.store import Store
from thousand.errors import DataError


@pytest.fixture
def store(tmp_path):
    with Store.open(f"sqlite:///{tmp_path / 'desk.sqlite'}") as found:
        yield found


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(history=histories())
def test_a_file_gives_back_what_was_written(history, tmp_path):
    write_events(tmp_path / "events.jsonl", history)
    assert read_events(tmp_path / "events.jsonl") == [replace(each, seq=None) for each in history]


def test_a_store_in_a_file_and_back_is_the_same_to_the_byte(store, tmp_path):
    hostile = ["</script>", "\u2028\u2029\u202e", 'quote " and \\', "\ud7ff\U0001f600", "{{ 7*7 }}", "=cmd()|' /C calc'!A1"]
    for number, text in enumerate(hostile, 1):
        store.append(event(number, f"ann {number}", "edit", "aaaa", said(text), before={"text": text, "n": [1, 1.5, None]}, reason=text))
    write_events(tmp_path / "first.jsonl", store.events())
    with Store.open(f"sqlite:///{tmp_path / 'other.sqlite'}") as other:
        assert import_events(other, tmp_path / "first.jsonl") == Imported(events=6, fresh=6)
        write_events(tmp_path / "second.jsonl", other.events())
        assert other.events() == store.events()
    assert (tmp_path / "first.jsonl").read_bytes() == (tmp_path / "second.jsonl").read_bytes()
    assert (tmp_path / "first.jsonl").read_text().count("\n") == len(hostile)


def test_what_is_there_is_not_brought_in_again(store, tmp_path):
    told = numbered(("ann", "accept", "aaaa"), ("bob", "reject", "bbbb"))
    write_events(tmp_path / "events.jsonl", told)
    store.append(told[1])
    assert vars(import_events(store, tmp_path / "events.jsonl")) == {"events": 2, "fresh": 1, "members": 0}
    assert vars(import_events(store, tmp_path / "events.jsonl")) == {"events": 2, "fresh": 0, "members": 0}
    assert [each.id for each in store.events()] == ["e2", "e1"]


def test_a_file_lets_nobody_into_the_desk_unless_it_is_told_to(store, tmp_path):
    told = numbered(("ann", "accept", "aaaa"), ("eve", "member", "eve", {"role": "owner", "token": "0" * 64}))
    write_events(tmp_path / "events.jsonl", told)
    assert vars(import_events(store, tmp_path / "events.jsonl")) == {"events": 2, "fresh": 1, "members": 1}
    assert [each.kind for each in store.events()] == ["accept"]
    assert vars(import_events(store, tmp_path / "events.jsonl", members=True)) == {"events": 2, "fresh": 1, "members": 0}
    assert [each.kind for each in store.events()] == ["accept", "member"]


LINE = json.dumps(event(1, "ann", "accept", "aaaa").row())


@pytest.mark.parametrize(
    ("second", "told"),
    [
        (b"{", "events.jsonl:2: not JSON"),
        (b"[]", "events.jsonl:2: expected an object"),
        (b'{"a": NaN}', "events.jsonl:2: not JSON: NaN is no number"),
        (b"[" * 200_000, "events.jsonl:2: "),
        (b'{"n": ' + b"9" * 5000 + b"}", "events.jsonl:2: not JSON"),
        (b'{"id": "a", "id": "b"}', "events.jsonl:2: not JSON: a name stands twice"),
        (b"\xff\xfe", "events.jsonl:2: not UTF-8: byte 1"),
        (b"{}", "events.jsonl:2: id: expected text, found nothing"),
        (LINE.replace("accept", "obey").encode(), "events.jsonl:2: kind: unknown kind 'obey'"),
        (LINE.replace("aaaa", "bbbb").encode(), "events.jsonl:2: id: another event at"),
        (b'{"before": "' + b"x" * 20_200_000 + b'"}', "events.jsonl:2: the line is longer than"),
    ],
)
def test_a_hostile_row_is_refused_by_line_and_field_and_brings_nothing_in(store, tmp_path, second, told):
    file = tmp_path / "events.jsonl"
    file.write_bytes(LINE.encode() + b"\n" + second + b"\n")
    with pytest.raises(DataError) as error:
        import_events(store, file)
    assert told in str(error.value)
    assert len(str(error.value)) < 500
    assert store.events() == []


def test_an_event_that_the_desk_holds_otherwise_is_refused(store, tmp_path):
    store.append(event(1, "ann", "reject", "aaaa"))
    (tmp_path / "events.jsonl").write_text(LINE)
    with pytest.raises(DataError, match=r"events.jsonl:1: id: the desk holds another event e1"):
        import_events(store, tmp_path / "events.jsonl")


def test_a_file_that_is_not_there_is_said(store, tmp_path):
    with pytest.raises(DataError, match="no file of events"):
        import_events(store, tmp_path / "none.jsonl")
