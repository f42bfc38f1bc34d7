"""The store: what it acknowledges it keeps, once, in an order that no reader can miss anything of."""

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from itertools import pairwise

import pytest

from tests.desk.examples import event, said
from tests.postgres import cluster
from thousand.desk.events import Event
from thousand.desk.store import Store
from thousand.errors import ThousandError


@pytest.fixture(scope="module")
def postgres():
    with cluster() as url:
        yield url


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request, tmp_path):
    """Of an empty store."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'desk.sqlite'}"
        return
    import psycopg

    found = request.getfixturevalue("postgres")
    yield found
    with psycopg.connect(found) as connection:
        connection.execute("DROP TABLE thousand_events")


def test_an_event_posted_twice_is_stored_once_and_answered_as_the_first(url):
    with Store.open(url) as store:
        first = store.append(event(1, "ann", "edit", "aaaa", said("A\u202e \U0001f600"), reason="it's shorter"))
        assert store.append(replace(first, seq=None)) == first
        assert store.append(replace(first, seq=None, at="2026-03-02T12:00:00+00:00")) == first
        assert store.events() == [first]


def test_what_is_stored_is_there_for_whoever_opens_it_next(url):
    with Store.open(url) as store:
        stored = store.append(event(1, "ann", "edit", "aaaa", said("A"), before=[1, 1.5, None, {"a": "\x00"}]))
        assert store.last() == stored.seq
    with Store.open(url) as again:
        assert again.events() == [stored]
        assert again.events(after=stored.seq) == []


def test_events_can_be_asked_for_by_kind_by_subject_and_from_a_number_on(url):
    with Store.open(url) as store:
        told = [("accept", "aaaa"), ("skip", "bbbb"), ("accept", "bbbb"), ("undo", "bbbb")]
        first, *_ = store.append_all(event(number, "ann", kind, subject) for number, (kind, subject) in enumerate(told, 1))
        assert [each.id for each in store.events(kinds=["accept"])] == ["e1", "e3"]
        assert [each.id for each in store.events(after=first.seq, subject="bbbb", kinds=["skip", "undo"])] == ["e2", "e4"]


def test_several_events_are_stored_all_or_none(url):
    def broken():
        yield event(1, "ann", "accept", "aaaa")
        raise KeyError

    with Store.open(url) as store:
        with pytest.raises(KeyError):
            store.append_all(broken())
        assert store.events() == []


def test_a_reader_misses_nothing_that_many_threads_and_several_stores_write(url):
    stores, seen, done = [Store.open(url) for _ in range(3)], [], threading.Event()

    def read():
        last = 0
        while not done.is_set() or stores[0].last() > last:
            for each in stores[0].events(after=last):
                seen.append(each)
                last = each.seq

    def write(number):
        for turn in range(4):
            stores[number % 3].append(Event.now(f"p{number}", "accept", f"s{turn}", event_id=f"e{number}-{turn}"))
            stores[(number + 1) % 3].append(Event.now("all", "skip", "same", event_id=f"same-{turn}"))  # thirty post the same

    reader = threading.Thread(target=read)
    reader.start()
    with ThreadPoolExecutor(30) as pool:
        list(pool.map(write, range(30)))
    done.set()
    reader.join(30)
    assert seen == stores[1].events()
    assert sorted(each.id for each in seen) == sorted(
        [*(f"e{n}-{turn}" for n in range(30) for turn in range(4)), *map("same-{}".format, range(4))]
    )
    assert all(before.seq < after.seq for before, after in pairwise(seen))
    for store in stores:
        store.close()


def test_desks_that_share_a_database_do_not_share_events(postgres):
    with Store.open(postgres, "one") as one, Store.open(postgres, "two") as two:
        one.append(event(1, "ann", "accept", "aaaa"))
        assert two.events() == []
        assert two.append(event(1, "bob", "reject", "aaaa")).who == "bob"


def test_a_commit_is_on_the_disk_even_where_the_server_would_not_wait_for_it(postgres):
    with Store.open(f"{postgres}&options=-csynchronous_commit%3Doff", "late") as store, store._writing() as connection:
        assert connection.exec_driver_sql("SHOW synchronous_commit").scalar() == "on"


def test_sqlite_waits_for_the_disk(tmp_path):
    with Store.open(f"sqlite:///{tmp_path / 'desk.sqlite'}") as store, store._writing() as connection:
        assert connection.exec_driver_sql("PRAGMA synchronous").scalar() == 2  # FULL
        assert connection.exec_driver_sql("PRAGMA journal_mode").scalar() == "wal"
    assert (tmp_path / "desk.sqlite").stat().st_mode & 0o077 == 0


def test_a_store_that_cannot_be_used_is_said_without_its_password(tmp_path):
    (tmp_path / "desk.sqlite").write_text("this is no database, and long enough to be read as one" * 100)
    with pytest.raises(ThousandError, match="not a database"):
        Store.open(f"sqlite:///{tmp_path / 'desk.sqlite'}")
    with pytest.raises(ThousandError) as error:
        Store.open("postgresql://ann:secret@127.0.0.1:1/desk")
    assert "secret" not in str(error.value)
    assert "refused" in str(error.value)
