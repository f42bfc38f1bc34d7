"""What the pages of review answer: decisions stored once, what is shown of an example, the guide, and whose it is to change."""

from __future__ import annotations

import json
import re
import time
import uuid

import pytest

from tests.desk.reviewed import TOKEN, UNBOUNDED, Person, contents, make_run, messages_of
from thousand.conversation import content_id
from thousand.desk import guide
from thousand.desk.app import make_app
from thousand.desk.item import item
from thousand.desk.members import invite
from thousand.desk.pool import Pool
from thousand.desk.store import Store
from thousand.recipe import Band


@pytest.fixture
def run(tmp_path):
    return make_run(tmp_path / "run")


@pytest.fixture
def store(run):
    with Store.at(run) as opened:
        yield opened


@pytest.fixture
def app(run, store):
    return make_app(run, store, token=TOKEN, limits=UNBOUNDED)


@pytest.fixture
def owner(app):
    return Person(app)


def test_the_same_decision_posted_twice_is_stored_once(owner, store, run):
    body = {"id": str(uuid.uuid4()), "kind": "reject", "subject": contents(run)[0], "reason": "wrong"}
    answers = [owner.client.post("/api/decisions", json=body, headers={"x-csrf-token": owner.csrf}).json() for _ in range(3)]
    assert len({(each["seq"], each["replacement"]["content"]) for each in answers}) == 1
    assert len(store.events()) == 1


def test_an_id_cannot_be_used_for_something_else(owner, run):
    body = {"id": str(uuid.uuid4()), "kind": "accept", "subject": contents(run)[0]}
    owner.client.post("/api/decisions", json=body, headers={"x-csrf-token": owner.csrf})
    other = body | {"subject": contents(run)[1]}
    assert owner.client.post("/api/decisions", json=other, headers={"x-csrf-token": owner.csrf}).status_code == 409


def test_line_ends_that_a_page_does_not_know_are_no_edit(tmp_path):
    def turns(i):
        return [{"role": "user", "content": f"One\r\ntwo {i}"}, {"role": "assistant", "content": f"Three\r\nfour {i}"}]

    run = make_run(tmp_path / "lines", rows=10, budget=2, messages=turns)
    with Store.at(run) as store:
        owner, subject = Person(make_app(run, store, token=TOKEN)), contents(run)[0]
        edited = [{"role": "user", "content": "One\ntwo 1"}, {"role": "assistant", "content": "Three\nfour, really 1"}]
        owner.decide("edit", subject, messages=edited)
        stored = store.events(kinds=["edit"])[0].after
    assert stored == [turns(1)[0], edited[1]]


def test_a_new_example_is_known_by_what_it_says(owner, store):
    turns = [{"role": "user", "content": "Why?"}, {"role": "assistant", "content": "Therefore."}]
    answer = owner.decide("write", messages=turns)
    assert answer["subject"] == content_id(turns)
    assert answer["progress"]["written"] == 1
    assert "It was written at this desk." in owner.get(f"/review/items/{answer['subject']}").text
    assert [each.kind for each in store.events()] == ["write"]


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"kind": "edit"}, 422),
        ({"kind": "accept", "subject": None}, 422),
        ({"kind": "accept", "subject": "../../etc"}, 422),
        ({"kind": "settle"}, 422),
        ({"kind": "edit", "messages": [{"role": "user", "content": "no answer"}]}, 422),
        ({"kind": "accept", "reason": "\x00"}, 422),
        ({"kind": "accept", "who": "somebody else"}, 422),
        ({"kind": "accept"}, 200),
    ],
)
def test_what_is_no_decision_is_refused(owner, run, store, body, status):
    assert owner.post("/api/decisions", **{"subject": contents(run)[0]} | body).status_code == status
    assert len(store.events()) == (status == 200)


def test_who_decided_in_between_is_named(app, owner, store, run):
    event, token = invite("Bea", "curator", "owner")
    store.append(event)
    bea, subject = Person(app, token), contents(run)[3]
    owner.decide("reject", subject, reason="too long")
    told = bea.decide("accept", subject, seen=0)
    assert [(each["who"], each["did"], each["reason"]) for each in told["told"]] == [("owner", "reject", "too long")]
    assert told["conflict"] == "owner would reject it, Bea would not"
    assert told["progress"]["disputed"] == 1
    assert [(each.who, each.kind) for each in store.events() if each.kind != "member"] == [("owner", "reject"), ("Bea", "accept")]


def test_what_others_say_is_told_by_no_page_to_whoever_has_said_nothing(app, owner, store, run):
    people = []
    for name in ("Bea", "Cyr"):
        event, token = invite(name, "curator", "owner")
        store.append(event)
        people.append(Person(app, token))
    bea, cyr = people
    order = contents(run)
    owner.decide("reject", order[0], reason="between us")
    bea.decide("accept", order[0])
    owner.decide("accept", order[1])
    for path in ("/search?fate=selected", "/team", f"/review/items/{order[0]}", "/review?show=all"):
        page = cyr.get(path).text
        assert not re.search(r"by owner|between us|(accepted|rejected) it|keeps it", page), path
    assert cyr.get("/api/queue", show="accepted").json()["contents"] == cyr.get("/api/queue", show="rejected").json()["contents"] == []
    assert "accepted by owner" in owner.get("/search?fate=selected").text
    assert "between us" in bea.get("/team").text


def test_only_what_has_a_place_leaves_one(owner, run):
    pool = Pool.open(run)
    reserve = pool.selection.reserve["content"].to_pylist()
    elsewhere = next(each for each in pool.candidates.table["content"].to_pylist() if each not in [*contents(run), *reserve])
    assert owner.decide("reject", elsewhere)["replacement"] is None
    named = owner.decide("reject", contents(run)[0])["replacement"]["content"]
    assert named == reserve[0]
    assert "It takes the place of one that is rejected." in owner.get(f"/review/items/{named}").text
    assert owner.decide("reject", named)["replacement"]["content"] == reserve[1]
    assert owner.decide("accept", elsewhere)["progress"]["offered"] == 23  # of the selection 20, of the reserve 2, and this


def test_an_example_says_all_that_is_known_of_it(app, run):
    examples, subject = app.state.desk.examples, contents(run)[2]
    found = item(examples, "owner", subject)
    assert [turn.text for turn in found.turns] == [turn["content"] for turn in messages_of(3)]
    assert found.pick["rank"] == 3
    assert found.row["author"] == "Ann"
    assert {each.name: (each.value, each.why) for each in found.measures} == {"words": (3.0, None), "asked": (None, "no words")}
    assert len(found.in_set) == len(found.in_pool) == 4
    assert all(each.fate.startswith("rank ") for each in found.in_set)
    assert not any(each.fate.startswith("rank ") for each in found.in_pool)
    assert found.replacement.asks.startswith("What of")
    assert found.link == "https://example.org/3"
    assert item(examples, "owner", "0" * 16) is None


def test_more_like_this_is_an_event_and_comes_first(owner, store, run, app):
    subject = contents(run)[5]
    assert owner.post("/api/likes", subject=subject, like="more").status_code == 200
    assert [(each.kind, each.subject, each.after) for each in store.events()] == [("guide", subject, {"like": "more"})]
    first = owner.get("/api/queue", order="more", like=subject).json()["contents"]
    assert first[0] == subject
    assert len(first) == 20
    assert guide.DEFAULT.splitlines()[0].strip("*")[:11] in owner.get("/review").text  # a liking is not the guide


def test_a_pool_that_is_not_there_any_more_does_not_lose_a_decision(owner, store):
    owner.decide("accept", "f" * 16)  # sent late, after a re-run without it
    assert [each.subject for each in store.events()] == ["f" * 16]


def test_taste_is_learnt_after_fifty_decisions_and_orders_the_queue(tmp_path):
    run = make_run(tmp_path / "taste", rows=150, budget=100)
    with Store.at(run) as store:
        owner = Person(make_app(run, store, token=TOKEN, limits=UNBOUNDED))
        order = contents(run)
        for at, subject in enumerate(order[:60]):
            answer = owner.decide("accept" if at % 2 else "reject", subject)
            if at == 40:
                assert answer["taste"] == {"sentence": "After 50 decisions; there are 41.", "usable": False}
        until = time.monotonic() + 60
        while not (taste := owner.get("/api/progress").json()["taste"])["usable"] and time.monotonic() < until:
            time.sleep(0.05)  # it is learnt behind one's back
        assert "decisions foretold" in taste["sentence"]
        examples = owner.client.app.state.desk.examples
        while examples._learning:
            time.sleep(0.05)
        chances = examples.taste("owner").chances
        shown = owner.get("/api/queue", order="taste").json()["contents"]
        assert [chances[each] for each in shown] == sorted((chances[each] for each in shown), reverse=True)
        assert len(store.events()) == 60  # it has decided nothing


def test_a_store_that_fails_is_said_and_nothing_is_acknowledged(owner, store, run):
    away = run / "away"
    store.close()
    for path in run.glob("desk/desk.sqlite*"):
        path.rename(away.with_suffix(path.suffix))
    answer = owner.post("/api/decisions", kind="accept", subject=contents(run)[0])
    assert answer.status_code == 503
    assert str(run) not in answer.text  # that is for whoever runs the desk, who reads it in the terminal


def test_bounds_of_length_are_the_recipes_for_the_source():
    rules = {"characters": Band(least=10, most=20, only=["stackexchange"]), "words": Band(most=5)}
    assert guide.checks(rules, "stackexchange:cooking") == guide.Checks("characters", 10, 20, "the recipe")
    assert guide.checks(rules, "chat:pool.jsonl") == guide.Checks("words", None, 5, "the recipe")
    assert guide.checks({}, "chat:pool.jsonl").least == 1200
    assert guide.words(Band(least=1, most=2, only=["chat"])) == "1 to 2, for chat"


def test_rules_are_those_the_ledger_was_made_with(run):
    assert guide.bands(run) == {}
    record = {"stage": "curate", "key": "k", "digest": "d", "inputs": {}, "settings": {"bands": {"words": {"least": 3}}}, "facts": {}}
    (run / "curate" / "ledger.parquet.manifest.json").write_text(json.dumps(record | {"seconds": 1.0}))
    assert guide.bands(run)["words"].least == 3
