"""What is decided reaches the desk, or is kept and said: in a browser without room, without encryption, with a server that refuses."""

from __future__ import annotations

import re

import pytest

from tests.desk.judged import chromium, enter
from tests.desk.reviewed import Served, contents, make_run
from tests.desk.test_review_opened import acknowledged, press, shown

FILL = """() => { for (let size = 1 << 20; size >= 1; size >>= 1)
  try { for (let at = 0; ; at++) localStorage.setItem(`fill ${size} ${at}`, "x".repeat(size)); } catch { continue; } }"""
DRAFTS = "() => Object.keys(localStorage).filter(key => key.startsWith('draft ')).length"


@pytest.fixture(scope="module")
def browser():
    with chromium() as found:
        yield found


@pytest.fixture
def desk(tmp_path):
    served = Served(make_run(tmp_path / "run", rows=20, budget=6))
    yield served
    served.stop()


@pytest.fixture
def page(browser, desk):
    opened = enter(browser, desk.address)
    yield opened
    opened.context.close()


def test_a_page_that_is_not_encrypted_decides_too(page, desk):
    page.context.add_init_script("Object.defineProperty(crypto, 'randomUUID', { value: undefined })")  # as from another machine by http
    page.reload()
    press(page, "a")
    assert [each.subject for each in acknowledged(desk, 1)] == contents(desk.run)[:1]


def test_a_browser_without_room_loses_nothing(page, desk):
    page.evaluate(FILL)
    press(page, "a")
    page.keyboard.press("e")
    page.keyboard.type(" More.")
    press(page, "Control+Enter")
    events = acknowledged(desk, 2)
    assert [each.kind for each in events] == ["accept", "edit"]
    assert events[1].after[1]["content"].endswith(" More.")


def test_to_accept_what_one_is_editing_accepts_the_edit(page, desk):
    page.keyboard.press("e")
    page.keyboard.type(" Better.")
    before = shown(page)
    page.click('[data-do="accept"]')
    page.wait_for_function("was => document.querySelector('.item')?.dataset.content !== was", arg=before)
    (event,) = acknowledged(desk, 1)
    assert event.kind == "edit"
    assert event.after[1]["content"].endswith(" Better.")


def test_an_edit_that_the_server_refuses_is_a_draft_again(page, desk):
    page.route("**/api/decisions", lambda route: route.fulfill(status=422, json={"detail": "too long"}))
    content = shown(page)
    page.keyboard.press("e")
    page.keyboard.type(" Hours of work.")
    press(page, "Control+Enter")
    page.wait_for_selector(".notice.warn")
    page.goto(f"{desk.address}/review?at={content}")
    page.wait_for_selector(".editor:not([hidden])")
    assert page.input_value('[data-role="assistant"] textarea:not(.original)').endswith(" Hours of work.")
    assert page.inner_text("#unsent") == ""


def test_what_two_pages_of_one_person_decide_while_the_desk_is_away_is_all_sent(page, desk):
    other = page.context.new_page()
    other.goto(f"{desk.address}/review?at={contents(desk.run)[3]}")
    other.wait_for_selector(".item")
    desk.stop()
    for each in (page, other, page, other):
        press(each, "a")
    assert page.evaluate("() => Object.keys(localStorage).filter(key => key.startsWith('outbox ')).length") == 4
    desk.start()
    for each in (page, other):
        each.evaluate("() => dispatchEvent(new Event('online'))")
    events = acknowledged(desk, 4)
    order = contents(desk.run)
    assert sorted(order.index(each.subject) for each in events) == [0, 1, 3, 4]


def test_whoever_leaves_leaves_no_draft_on_whatever_page_they_are(page, desk):
    page.keyboard.press("e")
    page.keyboard.type(" Half a thought")
    assert page.evaluate(DRAFTS) == 1
    page.goto(f"{desk.address}/team")
    page.click("#leave")
    page.wait_for_function("() => document.title.startsWith('401')")
    assert page.evaluate(DRAFTS) == 0
    assert re.search("link again", page.inner_text("main"))
