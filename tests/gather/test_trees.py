"""Trees of conversation: which paths through them are candidates, nested and flat, and what is left out."""

import copy
import json
import time

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from thousand.gather import trees
from thousand.gather.forms.chat import chat
from thousand.gather.rows import Candidate, Rejected


def node(identity, *replies, role=None, **more):
    made = {"message_id": identity, "text": f"text of {identity}", "lang": "en", "review_result": True, "deleted": False}
    return made | {"role": role or ("prompter" if identity[0] == "q" else "assistant"), "replies": list(replies)} | more


def tree(first):
    return {"message_tree_id": first["message_id"], "tree_state": "ready_for_export", "prompt": first}


def flat(first, parent=None):
    yield {key: value for key, value in first.items() if key != "replies"} | ({"parent_id": parent} if parent else {})
    for reply in first["replies"]:
        yield from flat(reply, first["message_id"])


def read(tmp_path, *rows, name="p.jsonl", **options):
    (tmp_path / name).write_text("".join(json.dumps(row) + "\n" for row in rows))
    return list(chat(path=str(tmp_path / name), **options))


def both(tmp_path, first):
    """The rows of a tree, from its two forms, which must tell the same."""
    nested, rows = read(tmp_path, tree(first)), read(tmp_path, *flat(first), name="flat.jsonl")
    assert told(nested) == told(rows)
    return nested


def told(rows):
    """What candidates say, and of rejections which message and field they are of; a file without answers has one of neither."""
    return [
        spoken(row) if isinstance(row, Candidate) else (json.loads(row.raw or '{"message_id": ""}')["message_id"], row.field)
        for row in rows
    ]


def spoken(row):
    return [turn["content"].removeprefix("text of ") for turn in row.messages]


def test_every_best_ranked_answer_is_a_candidate_with_the_turns_before_it(tmp_path):
    first = node("q1", node("a1", rank=1), node("a2", node("q2", node("a3")), node("q3"), rank=0), node("a4", rank=2))
    rows = both(tmp_path, first)
    assert told(rows) == [("a1", "rank"), ["q1", "a2"], ["q1", "a2", "q2", "a3"], ("a4", "rank")]
    deep = rows[2]
    assert [turn["role"] for turn in deep.messages] == ["user", "assistant", "user", "assistant"]
    assert (deep.origin, deep.form, deep.group, deep.tags) == ("p.jsonl:1.2.1.1", "tree", "p.jsonl:1", ["en"])
    assert rows[1].group == deep.group


def test_an_answer_that_is_not_the_best_may_still_lead_to_one(tmp_path):
    assert told(both(tmp_path, node("q1", node("a1", node("q2", node("a2")), rank=1), node("a3", rank=0)))) == [
        ("a1", "rank"),
        ["q1", "a1", "q2", "a2"],
        ["q1", "a3"],
    ]


def test_of_answers_without_rank_none_is_the_best_unless_it_is_the_only_one(tmp_path):
    assert told(both(tmp_path, node("q1", node("a1"), node("a2")))) == [("a1", "rank"), ("a2", "rank")]
    assert told(both(tmp_path, node("q1", node("a1"), node("a2", deleted=True)))) == [["q1", "a1"], ("a2", "deleted")]


def test_the_best_of_what_is_left_counts_whatever_the_order(tmp_path):
    answers = [node("a1", rank=0, deleted=True), node("a2", rank=2), node("a3", rank=1), node("a4", rank=1)]
    assert ["q1", "a3"] in told(both(tmp_path, node("q1", *answers)))
    assert ["q1", "a3"] in told(both(tmp_path, node("q1", *reversed(answers))))


@pytest.mark.parametrize(
    ("field", "change"),
    [
        ("deleted", {"deleted": True}),
        ("review_result", {"review_result": False}),
        ("review_result", {"review_result": None}),
        ("role", {"role": "wizard"}),
        ("text", {"text": None}),
        ("text", {"text": "  "}),
        ("rank", {"rank": "best"}),
        ("rank", {"rank": -1}),
    ],
)
def test_what_is_left_out_takes_along_what_follows_on_it(tmp_path, field, change):
    bad = node("a1", node("q2", node("a2"), node("a3", deleted=True)), rank=0) | change
    assert told(both(tmp_path, node("q1", bad, node("a4", rank=1)))) == [
        ("a1", field),
        ("a2", "parent_id"),
        ("a3", "deleted"),
        ["q1", "a4"],
    ]


def test_a_message_nobody_reviewed_is_left_out_even_where_null_is_not_written(tmp_path):
    unreviewed = node("a1", review_count=1)
    del unreviewed["review_result"]
    [row] = both(tmp_path, node("q1", unreviewed))
    assert (row.field, row.reason) == ("review_result", "nobody has reviewed the message")


def test_roles_that_do_not_take_turns_are_rejected(tmp_path):
    assert told(both(tmp_path, node("q1", node("q2", node("a1"))))) == [("q2", "messages"), ("a1", "parent_id")]
    assert told(both(tmp_path, node("a1", node("q1", node("a2")))))[0] == ("a1", "messages")


def test_flat_messages_may_come_in_any_order_and_from_parquet(tmp_path):
    rows = list(flat(node("q1", node("a1", node("q2", node("a2")), rank=1.0), node("a3", rank=0.0))))
    forward, backward = read(tmp_path, *rows), read(tmp_path, *reversed(rows))
    assert sorted(map(str, told(forward))) == sorted(map(str, told(backward)))
    pq.write_table(pa.Table.from_pylist([{"parent_id": None, "rank": None} | row for row in rows]), tmp_path / "p.parquet")
    assert told(chat(path=str(tmp_path / "p.parquet"))) == told(forward)


def test_messages_that_hang_in_the_air_are_rejected(tmp_path):
    rows = [*flat(node("q1", node("a1"))), *flat(node("a5"), "gone"), *flat(node("q7"), "a8"), *flat(node("a8"), "q7"), *flat(node("a1"))]
    again, kept, orphan, *circle = read(tmp_path, *rows)
    assert (again.field, again.reason) == ("message_id", "a message with this id stands earlier in the file")
    assert spoken(kept) == ["q1", "a1"]
    assert (orphan.field, orphan.reason) == ("parent_id", "the message it follows on is not in the file")
    assert [row.reason for row in circle] == ["no first message leads to it within 100 turns"] * 2


def test_trees_without_an_answer_are_accounted_for(tmp_path):
    [row] = read(tmp_path, tree(node("q1")), tree(node("q2")))
    assert (row.origin, row.reason) == ("p.jsonl", "no message of its trees is answered")


def test_a_reply_that_is_no_message_is_rejected(tmp_path):
    number, text, kept = read(tmp_path, tree(node("q1", 17, "x", node("a1"))))
    assert (number.field, number.origin, number.raw) == ("replies", "p.jsonl:1.1", "17")
    assert isinstance(text, Rejected)
    assert spoken(kept) == ["q1", "a1"]
    assert read(tmp_path, tree(node("q1") | {"replies": {"a": 1}}))[0].field == "role"
    assert read(tmp_path, {"prompt": "x"}, form="tree")[0].field == "replies"


def test_a_chain_that_is_too_deep_ends(tmp_path):
    first = node("a9")
    for turn in range(trees.DEEPEST + 4):
        first = node(f"{'qa'[turn % 2]}{turn + 10}", first)
    rows = read(tmp_path, tree(first))
    assert len([row for row in rows if isinstance(row, Candidate)]) <= trees.DEEPEST // 2
    assert "more than 100 turns" in rows[-1].reason
    began = time.process_time()
    long = [
        {"message_id": str(n), "parent_id": str(n - 1), "role": "assistant" if n % 2 else "prompter", "text": "x"} for n in range(20_000)
    ]
    long[0].pop("parent_id")
    rows = read(tmp_path, *long)
    assert len([row for row in rows if isinstance(row, Candidate)]) == 50
    assert time.process_time() - began < 5


def test_a_tree_that_unfolds_absurdly_is_cut(tmp_path, monkeypatch):
    monkeypatch.setattr(trees, "_LONGEST", 5000)
    first = node("q1", node("a0", *(node(f"q{n}", node(f"a{n}")) for n in range(2, 60))), text="x" * 1000)
    rows = read(tmp_path, tree(first))
    assert [isinstance(row, Candidate) for row in rows] == [True] * 4 + [False] * 55
    assert "unfolds to more than 5,000 characters" in rows[-1].reason


NODES = st.recursive(
    st.fixed_dictionaries({"rank": st.sampled_from([None, 0, 1, 2]), "deleted": st.booleans(), "replies": st.just([])}),
    lambda below: st.fixed_dictionaries(
        {"rank": st.sampled_from([None, 0, 1]), "deleted": st.just(False), "replies": st.lists(below, max_size=3)}
    ),
    max_leaves=20,
)


@settings(deadline=None)
@given(NODES)
def test_nested_and_flat_tell_the_same_and_every_answer_is_one_row(tmp_path_factory, drawn):
    names = iter(range(10_000))

    def named(drawn, depth=0):
        replies = [named(each, depth + 1) for each in drawn["replies"]]
        return node(f"{'qa'[depth % 2]}{next(names)}", *replies, rank=drawn["rank"], deleted=drawn["deleted"])

    first = named(copy.deepcopy(drawn))
    rows = both(tmp_path_factory.mktemp("trees"), first)
    answers = [each["message_id"] for each in flat(first) if each["role"] == "assistant"]
    rejected = [told([row])[0][0] for row in rows if isinstance(row, Rejected)]
    kept = [spoken(row)[-1] for row in rows if isinstance(row, Candidate)]
    assert sorted(kept + [each for each in rejected if each[:1] == "a"]) == sorted(answers)
