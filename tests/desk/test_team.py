"""The team's page: links, and what is to be settled."""

from __future__ import annotations

import json
import shutil
import uuid

import pytest

from tests.desk.examples import said
from tests.desk.judged import TOKEN, Person, chromium, enter, serving, write_run
from thousand.desk.decisions import fold
from thousand.desk.events import Event
from thousand.desk.store import Store

SUBJECT = "0123456789abcdef"


@pytest.fixture(scope="module")
def ready(tmp_path_factory):
    return write_run(tmp_path_factory.mktemp("team") / "run", {("claim", 0): str, ("other", 0): repr}, prompts=4)


@pytest.fixture
def run(ready, tmp_path):
    return shutil.copytree(ready, tmp_path / "run")


def token_of(answer):
    status, body = answer
    assert status == 200, body
    return json.loads(body)["link"].partition("token=")[2]


def test_a_link_is_shown_once_and_opens_the_desk_until_it_is_renewed_or_taken_away(run):
    with serving(run) as address, Store.at(run) as store:
        owner = Person(address)
        first = token_of(owner.post("/team/members", name="Wren", role="judge"))
        judge = Person(address, first)
        assert judge.get("/judge")[0] == 200
        assert first not in owner.get("/team")[1]
        assert all(first not in json.dumps(event.row()) for event in store.events())
        second = token_of(owner.post("/team/members", name="Wren", role="judge"))
        assert judge.get("/judge")[0] == 401
        again = Person(address, second)
        assert owner.post("/team/dismiss", name="Wren")[0] == 204
        assert again.get("/judge")[0] == 401
        assert owner.post("/team/dismiss", name="Wren")[0] == 404


def test_links_and_settlements_are_the_owners_alone_and_judges_see_no_team(run):
    with serving(run) as address:
        owner = Person(address)
        tokens = {role: token_of(owner.post("/team/members", name=role, role=role)) for role in ("curator", "judge")}
        settlement = {"event": str(uuid.uuid4()), "subject": SUBJECT, "like": "Ines", "seen": 9}
        for role, token in tokens.items():
            person = Person(address, token)
            assert person.get("/team")[0] == (200 if role == "curator" else 403)
            for path, body in (
                ("/team/members", {"name": "x", "role": "owner"}),
                ("/team/dismiss", {"name": "judge"}),
                ("/team/settle", settlement),
            ):
                assert person.post(path, **body)[0] == 403, (role, path)
        assert "Add somebody" not in Person(address, tokens["curator"]).get("/team")[1]


@pytest.mark.parametrize(
    ("body", "status"),
    [({"name": "", "role": "judge"}, 422), ({"name": "a\u202eb", "role": "judge"}, 422), ({"name": "x", "role": "king"}, 422), ({}, 422)],
)
def test_a_name_or_role_that_is_none_is_refused(run, body, status):
    with serving(run) as address:
        assert Person(address).post("/team/members", **body)[0] == status


def test_a_conflict_is_settled_as_one_of_them_has_it_in_the_browser(run):
    """Both opinions are shown, one is taken, and nothing is left to settle; the other's words stay in the events."""
    edited = said("Boil water, wait three minutes.")
    with Store.at(run) as store:
        store.append(Event.now("Ines", "edit", SUBJECT, after=edited))
        store.append(Event.now("Pavel", "reject", SUBJECT, reason="<b>too short</b>"))
        with serving(run) as address, chromium() as browser:
            page = enter(browser, address)
            page.goto(f"{address}/team")
            assert "<b>too short</b>" in page.inner_text(".conflict")
            assert "three minutes" in page.inner_text(".conflict")
            assert page.locator('tr[data-agreed="Ines+Pavel"] td').all_inner_texts()[0] == "1"
            assert page.locator('tr[data-curator="Ines"] td').all_inner_texts()[:3] == ["1", "0", "1"]
            page.locator('[data-settle="Ines"]').focus()
            page.keyboard.press("Enter")
            page.wait_for_selector(".conflict", state="detached")
        state = fold(store.events()).states[SUBJECT]
        assert (state.conflict, state.settled_by, state.applies.stance, state.applies.messages) == (None, "owner", "edited", edited)
        assert set(state.opinions) == {"Ines", "Pavel"}


def test_who_has_not_seen_the_last_word_cannot_settle(run):
    with Store.at(run) as store, serving(run) as address:
        store.append(Event.now("Ines", "accept", SUBJECT))
        seen = store.append(Event.now("Pavel", "reject", SUBJECT)).seq
        owner = Person(address)
        owner.get("/team")
        body = {"event": str(uuid.uuid4()), "subject": SUBJECT, "like": "Pavel"}
        assert owner.post("/team/settle", **body, seen=seen - 1)[0] == 409
        assert owner.post("/team/settle", **body | {"like": "Zoe"}, seen=seen)[0] == 404
        for _ in range(2):  # the answer may be lost, and the same is sent again
            status, answer = owner.post("/team/settle", **body, seen=seen)
            assert (status, json.loads(answer)["change"]) == (200, "reject")
        assert len(store.events(kinds=["settle"])) == 1


def test_adding_somebody_shows_their_link_in_the_browser(run):
    with serving(run) as address, chromium() as browser:
        page = enter(browser, address)
        page.goto(f"{address}/team")
        page.fill('[name="name"]', "Wren")
        page.keyboard.press("Enter")
        page.wait_for_selector("#link:not([hidden])")
        link = page.input_value("#link-text")
        assert link.startswith(f"{address}/enter?token=")
        assert TOKEN not in link
        wren = enter(browser, address, link.partition("token=")[2])
        assert wren.url.endswith("/judge")
        assert wren.locator("nav[aria-label=Pages] a").all_inner_texts() == ["Judge"]
