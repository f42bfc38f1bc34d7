"""Where a run's desk is kept, who says so, and that no password is ever written."""

import json
import sys

import pytest

from tests.desk.examples import event
from tests.postgres import cluster
from thousand.desk.store import Store
from thousand.desk.where import VARIABLE, Where, address, remember, where_is
from thousand.errors import DataError, RecipeError, ThousandError


@pytest.fixture(autouse=True)
def nothing_named(monkeypatch):
    monkeypatch.delenv(VARIABLE, raising=False)


def test_a_run_has_a_file_of_its_own_and_none_until_a_desk_is_opened(tmp_path):
    assert Store.find(tmp_path) is None
    assert list(tmp_path.iterdir()) == []
    with Store.at(tmp_path) as store:
        stored = store.append(event(1, "ann", "accept", "aaaa"))
    assert (tmp_path / "desk" / "desk.sqlite").is_file()
    with Store.find(tmp_path) as found:
        assert found.events() == [stored]


def test_there_is_no_desk_of_a_run_that_is_not_there(tmp_path):
    with pytest.raises(DataError, match="no run at"):
        Store.at(tmp_path / "none")


def test_a_database_named_in_the_environment_is_remembered_without_its_password(tmp_path, monkeypatch):
    one, two = tmp_path / "one", tmp_path / "two"
    one.mkdir()
    two.mkdir()
    with cluster() as url:
        monkeypatch.setenv(VARIABLE, url.replace("desk@", "desk:secret@"))
        with Store.at(one) as store, Store.at(two) as other:
            stored = store.append(event(1, "ann", "accept", "aaaa"))
            assert other.events() == []
            assert "secret" not in store.name
        assert "secret" not in (one / "desk" / "where.json").read_text()
        monkeypatch.delenv(VARIABLE)
        with Store.find(one) as found:
            assert found.events() == [stored]
        monkeypatch.setenv(VARIABLE, f"{url}&application_name=moved")
        with Store.at(one) as moved:
            assert moved.events() == [stored]
            assert "moved" in moved.name
        assert not list((one / "desk").glob("*.sqlite"))


def test_a_desk_in_a_file_is_not_left_behind_for_a_database(tmp_path, monkeypatch):
    Store.at(tmp_path).close()
    monkeypatch.setenv(VARIABLE, "postgresql://ann@nowhere.invalid/desk")
    with pytest.raises(RecipeError, match=r"is kept in .*desk\.sqlite"):
        Store.at(tmp_path)
    assert where_is(tmp_path).url.endswith("desk.sqlite")
    Store.find(tmp_path).close()  # who only reads has what was decided


@pytest.mark.parametrize(
    "url",
    [
        "",
        "desk",
        "mysql://ann:secret@host/desk",
        "sqlite://",
        "sqlite:///:memory:",
        "sqlite:///a.db?mode=memory",
        "postgresql://h/d?password=secret",
    ],
)
def test_what_is_no_such_database_is_refused_without_repeating_it(url):
    with pytest.raises(RecipeError) as error:
        address(url)
    assert "secret" not in str(error.value)


@pytest.mark.parametrize(
    ("record", "told"),
    [
        ("{", "does not say where"),
        ('["postgresql://h/d"]', "does not say where"),
        ('{"url": 7, "desk": ""}', "must be texts"),
        ('{"url": "postgresql://ann:secret@h/d", "desk": "x"}', "url holds a password"),
        ('{"url": "postgresql://h/d", "desk": "x", "more": 1}', "does not say where"),
    ],
)
def test_a_file_that_says_it_wrongly_is_refused(tmp_path, record, told):
    (tmp_path / "desk").mkdir()
    (tmp_path / "desk" / "where.json").write_text(record)
    with pytest.raises(DataError, match=told) as error:
        Store.find(tmp_path)
    assert "secret" not in str(error.value)


def test_without_postgresqls_client_the_extra_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "psycopg", None)
    with pytest.raises(ThousandError, match=r"thousand\[postgres\]"):
        address("postgresql://ann@host/desk")


def test_two_who_name_it_at_once_agree(tmp_path):
    first = remember(tmp_path, Where("postgresql://ann:secret@host/desk", "one"))
    assert remember(tmp_path, Where("postgresql://bob@host/other", "two")) == first
    assert json.loads((tmp_path / "desk" / "where.json").read_text()) == {"url": "postgresql://ann@host/desk", "desk": "one"}
    assert [each.name for each in (tmp_path / "desk").iterdir()] == ["where.json"]


def test_a_database_that_cannot_be_reached_is_not_remembered(tmp_path, monkeypatch):
    monkeypatch.setenv(VARIABLE, "postgresql://ann:secret@127.0.0.1:1/desk")
    with pytest.raises(ThousandError, match="refused") as error:
        Store.at(tmp_path)
    assert "secret" not in str(error.value)
    assert list(tmp_path.iterdir()) == []


def test_a_folder_of_the_desk_without_a_store_is_no_store(tmp_path):
    (tmp_path / "desk" / "cache").mkdir(parents=True)
    assert Store.find(tmp_path) is None


def test_a_run_may_have_any_name(tmp_path):
    folder = tmp_path / "a?b#c %20&d=é"
    folder.mkdir()
    with Store.at(folder) as store:
        stored = store.append(event(1, "ann", "accept", "aaaa"))
    assert (folder / "desk" / "desk.sqlite").is_file()
    with Store.find(folder) as found:
        assert found.events() == [stored]
