"""Who may enter the desk, and what is refused at its door."""

from __future__ import annotations

import json
import re
import sqlite3
import time

import pytest
from fastapi.testclient import TestClient

from tests.desk.reviewed import TOKEN, Person, contents, make_run
from thousand.desk.app import make_app
from thousand.desk.guard import HEADERS, LARGEST
from thousand.desk.limits import Limits, Rate
from thousand.desk.members import dismiss, invite
from thousand.desk.sessions import Sessions
from thousand.desk.store import Store


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    return make_run(tmp_path_factory.mktemp("access") / "run")


@pytest.fixture(scope="module")
def store(run):
    with Store.at(run) as opened:
        yield opened


@pytest.fixture(scope="module")
def app(run, store):
    return make_app(run, store, token=TOKEN)


@pytest.fixture
def stranger(app):
    return TestClient(app, base_url="http://127.0.0.1:8321", follow_redirects=False)


@pytest.fixture
def owner(app):
    return Person(app)


def member(app, store, name, role):
    event, token = invite(name, role, "owner")
    store.append(event)
    return Person(app, token)


def paths(app):
    """Every address of the application with its methods, as its interface says."""
    return [(method.upper(), path) for path, methods in app.openapi()["paths"].items() for method in methods]


def test_nothing_is_answered_to_a_stranger_but_the_door(app, stranger):
    answered = {}
    for method, path in paths(app):
        filled = re.sub(r"\{\w+\}", "0" * 16, path)
        answered[method, path] = stranger.request(method, filled, json={}).status_code
    assert answered.pop(("GET", "/enter")) in (403, 429)
    assert len(answered) > 15
    assert set(answered.values()) <= {401, 429}, answered


def test_a_link_becomes_a_session_and_stays_nowhere(stranger):
    entered = stranger.get("/enter", params={"token": TOKEN})
    assert TOKEN not in entered.text
    cookie = entered.headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=strict" in cookie
    assert entered.headers["referrer-policy"] == "no-referrer"
    assert 'content="0; url=/"' in entered.text
    assert stranger.get("/review").status_code == 200


@pytest.mark.parametrize("token", ["", "x", TOKEN[:-1], TOKEN + "t", "ü\u0000"])
def test_a_wrong_token_opens_nothing(run, store, token):
    client = TestClient(make_app(run, store, token=TOKEN), base_url="http://127.0.0.1:8321")
    assert client.get("/enter", params={"token": token}).status_code == 403
    assert not client.cookies


def test_wrong_tokens_are_soon_refused_and_a_right_one_never_is(run, store):
    client = TestClient(make_app(run, store, token=TOKEN), base_url="http://127.0.0.1:8321")
    answers = [client.get("/enter", params={"token": f"guess {i}"}) for i in range(8)]
    assert [each.status_code for each in answers] == [403] * 5 + [429] * 3
    assert int(answers[-1].headers["retry-after"]) >= 1
    assert client.get("/enter", params={"token": TOKEN}).status_code == 200  # behind a proxy the guesses are of everybody's address


def test_of_tokens_and_sessions_only_hashes_are_kept(run, app, store):
    event, token = invite("Cy", "judge", "owner")
    store.append(event)
    person = Person(app, token)
    secret = person.client.cookies[app.state.desk.access.cookie]
    kept = b"".join(path.read_bytes() for path in (run / "desk").rglob("*") if path.is_file())
    for hidden in (TOKEN, token, secret):
        assert hidden.encode() not in kept
    assert event.after["token"].encode() in kept
    assert (run / "desk" / "sessions.sqlite").stat().st_mode & 0o077 == 0


def test_roles_hold(app, store, owner):
    judge, curator = member(app, store, "Jo", "judge"), member(app, store, "Kim", "curator")
    assert [judge.get(path).status_code for path in ("/review", "/search", "/api/queue", "/openapi.json")] == [403] * 4
    assert curator.get("/review").status_code == 200
    assert curator.get("/openapi.json").status_code == 403
    assert curator.post("/api/guide", text="Mine").status_code == 403
    assert owner.get("/openapi.json").status_code == 200
    assert owner.post("/api/guide", text="One *voice*.").json()["html"] == "<p>One <em>voice</em>.</p>\n"
    assert [owner.get(path).status_code for path in ("/docs", "/redoc")] == [404] * 2


def test_who_is_dismissed_is_out_at_once_and_what_they_decided_stays(app, store, run):
    person = member(app, store, "Lee", "curator")
    person.decide("accept", contents(run)[0])
    store.append(dismiss("Lee", "owner"))
    assert person.get("/review").status_code == 401
    assert any(each.who == "Lee" for each in store.events(kinds=["accept"]))


def test_a_new_link_ends_the_sessions_of_the_old(app, store):
    old = member(app, store, "Max", "curator")
    member(app, store, "Max", "curator")
    assert old.get("/review").status_code == 401


def test_a_member_of_the_owners_name_is_not_the_owner(app, store):
    assert member(app, store, "owner", "judge").get("/review").status_code == 403


def test_writing_needs_the_token_of_this_session(app, owner, run):
    body = {"id": "0" * 32, "kind": "accept", "subject": contents(run)[1]}
    other = Person(app)
    for given in (None, "", "x", other.csrf):
        headers = {} if given is None else {"x-csrf-token": given}
        assert owner.client.post("/api/decisions", json=body, headers=headers).status_code == 403
    assert owner.client.post("/api/decisions", json=body, headers={"x-csrf-token": owner.csrf}).status_code == 200


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "https://evil.example"},
        {"origin": "null"},
        {"origin": "http://127.0.0.1:9"},
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
    ],
)
def test_another_sites_page_cannot_write(owner, run, headers):
    body = {"id": "1" * 32, "kind": "accept", "subject": contents(run)[2]}
    assert owner.client.post("/api/decisions", json=body, headers={"x-csrf-token": owner.csrf} | headers).status_code == 403


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:8321", "127.0.0.1.evil.example", "[", "", "192.0.2.1:8321", "localhost@evil"]
)
def test_a_name_that_is_not_the_desks_is_refused(stranger, host):
    assert stranger.get("/enter", params={"token": TOKEN}, headers={"host": host}).status_code == 421


def test_a_team_reaches_it_by_its_origin_or_by_address(run, store):
    app = make_app(run, store, token=TOKEN, origin="https://desk.example.org", loopback=False)
    client = TestClient(app, base_url="https://desk.example.org", follow_redirects=False)
    entered = client.get("/enter", params={"token": TOKEN})
    assert "secure" in entered.headers["set-cookie"].lower()
    assert client.get("/review", headers={"host": "192.0.2.1:8321"}).status_code == 200
    assert client.get("/review", headers={"host": "evil.example"}).status_code == 421


def test_it_is_reached_by_the_name_it_is_served_at(run, store):
    app = make_app(run, store, token=TOKEN, host="Box.lan", loopback=False)
    client = TestClient(app, base_url="http://box.lan:8321", follow_redirects=False)
    assert client.get("/enter", params={"token": TOKEN}).status_code == 200
    assert client.get("/enter", params={"token": TOKEN}, headers={"host": "other.lan:8321"}).status_code == 421


@pytest.mark.parametrize(
    "path",
    [
        "/static/../app.py",
        "/static/%2e%2e/app.py",
        "/static/..%2f..%2fapp.py",
        "/static//etc/passwd",
        "/review/items/..%2f..%2fdesk.sqlite",
    ],
)
def test_no_path_leads_out(owner, path):
    answer = owner.client.get(path)
    assert answer.status_code in (404, 422)
    assert "import" not in answer.text
    assert "root:" not in answer.text


def test_every_answer_says_what_it_may_do(owner, stranger):
    for answer in (owner.get("/review"), owner.get("/static/desk.js"), stranger.get("/nowhere"), stranger.get("/", headers={"host": "x"})):
        said = {name: answer.headers[name] for name in HEADERS}
        assert said == dict(HEADERS)
    assert "unsafe" not in HEADERS["content-security-policy"]
    assert "default-src 'none'" in HEADERS["content-security-policy"]


def test_bodies_are_bounded_declared_or_not(owner):
    def endless():
        for _ in range(LARGEST // 10_000 + 2):
            yield b"x" * 10_000

    headers = {"x-csrf-token": owner.csrf, "content-type": "application/json"}
    assert owner.client.post("/api/decisions", content=b"x" * (LARGEST + 1), headers=headers).status_code == 413
    assert owner.client.post("/api/decisions", content=endless(), headers=headers).status_code == 413


def test_a_person_has_a_rate_that_people_do_not_reach_however_many_sessions_they_begin(run, store):
    app = make_app(run, store, token=TOKEN, limits=Limits(person=Rate(20, 5)))
    sessions = [Person(app) for _ in range(4)]
    answers = [sessions[at % 4].get("/api/progress") for at in range(40)]
    refused = [each for each in answers if each.status_code == 429]
    assert 0 < len(refused) < 25
    assert int(refused[0].headers["retry-after"]) >= 1


def test_leaving_ends_the_session(app):
    person = Person(app)
    secret = person.client.cookies[app.state.desk.access.cookie]
    assert person.client.post("/leave", headers={"x-csrf-token": person.csrf}).status_code == 204
    person.client.cookies.set(app.state.desk.access.cookie, secret)
    assert person.get("/review").status_code == 401


def test_a_session_outlives_a_restart_and_a_link_does_not(run, store):
    person = Person(make_app(run, store, token=TOKEN))
    again = TestClient(make_app(run, store, token="u" * 43), base_url="http://127.0.0.1:8321", cookies=dict(person.client.cookies))
    assert again.get("/review").status_code == 200
    assert again.get("/enter", params={"token": TOKEN}).status_code == 403


def test_sessions_end_when_idle_and_at_last_in_any_case(tmp_path):
    now = time.time()
    sessions = Sessions(tmp_path / "s.sqlite", idle=100, longest=1000, clock=lambda: now)
    secret = sessions.begin("ann", "")
    assert sessions.find("other") is None
    for _ in range(12):
        now += 80
        assert sessions.find(secret) is not None
    now += 80  # 1,040 s after it began
    assert sessions.find(secret) is None
    idle = sessions.begin("ann", "")
    now += 101
    assert sessions.find(idle) is None
    sessions.begin("ann", "")
    with sqlite3.connect(tmp_path / "s.sqlite") as database:
        assert database.execute("SELECT count(*) FROM sessions").fetchone() == (1,)


def test_errors_are_pages_for_people_and_json_for_scripts(stranger):
    page = stranger.get("/review", headers={"accept": "text/html"})
    assert (page.status_code, page.headers["content-type"]) == (401, "text/html; charset=utf-8")
    assert "Open your link again" in page.text
    assert "detail" in json.loads(stranger.get("/review").text)
