"""Conversations written by hand: YAML with its lines, JSON, and hostile YAML."""

import itertools
import json

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from thousand.gather.forms.authored import authored
from thousand.gather.rows import Candidate, Rejected

GOOD = "- prompt: Why?\n  response: Because.\n"


def read(tmp_path, text, name="mine.yaml", **options):
    path = tmp_path / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return list(authored(path=str(path), **options))


def said(row):
    assert isinstance(row, Candidate), row
    return [(message["role"], message["content"]) for message in row.messages]


def only(rows):
    [row] = rows
    return row


def test_entries_are_candidates_and_their_origin_is_their_line(tmp_path):
    text = """\
# Mine.
- prompt: Why is the sky blue?
  response: |
    Short waves scatter more.

    That is all.
  tags: [sky, 1.10]
  author: Ann
  licence: CC0

-
  messages:
  - {role: system, content: Be brief.}
  - {role: user, content: Hi}
  - {role: assistant, content: "Hello:\\nyou"}
---
- system: Be kind.
  prompt: "No"
  response: No
  tags: greeting
"""
    first, second, third = read(tmp_path, text, author="Bob", licence="MIT")
    assert said(first) == [("user", "Why is the sky blue?"), ("assistant", "Short waves scatter more.\n\nThat is all.")]
    assert (first.origin, first.source, first.form, first.tags) == ("mine.yaml:2", "mine.yaml", "prompt_response", ["sky", "1.10"])
    assert (first.author, first.licence) == ("Ann", "CC0")
    assert said(second) == [("system", "Be brief."), ("user", "Hi"), ("assistant", "Hello:\nyou")]
    assert (second.origin, second.form, second.author, second.licence) == ("mine.yaml:12", "messages", "Bob", "MIT")
    assert said(third) == [("system", "Be kind."), ("user", "No"), ("assistant", "No")]
    assert (third.origin, third.tags) == ("mine.yaml:17", ["greeting"])


TEXTS = st.text(st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\ufffd")).filter(str.strip)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.fixed_dictionaries({"prompt": TEXTS, "response": TEXTS}), min_size=1), st.sampled_from([None, '"', "'", "|", ">"]))
def test_whatever_is_written_in_yaml_comes_back_as_text(tmp_path, entries, style):
    text = yaml.safe_dump(entries, allow_unicode=True, default_style=style).replace("!!null", "")
    assert [said(row) for row in read(tmp_path, text)] == [[("user", each["prompt"]), ("assistant", each["response"])] for each in entries]


@pytest.mark.parametrize("name", ["mine.jsonl", "mine.ndjson", "mine.json"])
def test_json_gives_the_same(tmp_path, name):
    rows = [
        {"prompt": "Why?", "response": "Because.", "system": "Be kind.", "tags": ["a"]},
        {"prompt": "x", "response": "y", "author": None},
    ]
    text = json.dumps(rows) if name == "mine.json" else "".join(json.dumps(row) + "\n" for row in rows)
    first, second = read(tmp_path, text, name, author="Bob")
    assert said(first) == [("system", "Be kind."), ("user", "Why?"), ("assistant", "Because.")]
    assert (first.origin, second.origin, second.author) == (f"{name}:1", f"{name}:2", "Bob")


@pytest.mark.parametrize(
    ("entry", "field", "reason"),
    [
        ("prompt: x\n  respones: y", "respones", "no such field; did you mean response?"),
        ("prompt: x\n  response: y\n  colour: z", "colour", "no such field; there are: prompt"),
        ("prompt: x", "messages", "the last turn is not the assistant's"),
        ("prompt: x\n  response:", "response", "expected text, found nothing"),
        ("prompt: x\n  response: [y]", "response", "expected text, found list"),
        ("prompt: x\n  response: ' '", "messages[1].content", "empty assistant turn"),
        ("messages: []\n  prompt: x", "prompt", "stands beside messages"),
        ("messages: [{role: wizard, content: x}]", "messages[0].role", "unknown role"),
        ("prompt: x\n  response: y\n  tags: [[z]]", "tags", "expected text, found list"),
        ("just text", None, "expected fields with names, found str"),
        ("prompt: x\n  response: y\n  prompt: z", None, "prompt is given twice, again on line 3"),
        ("prompt: !!python/object/apply:os.system [ls]\n  response: y", None, "the tag tag:yaml.org,2002:python/object/apply:os.system"),
        ("prompt: !!int 3\n  response: y", None, "the tag tag:yaml.org,2002:int on line 1"),
        ("prompt: &a x\n  response: *a", None, "the alias *a on line 2"),
        ("<<: *a\n  prompt: x\n  response: y", None, "the alias *a on line 1"),
        ('prompt: "a\\0b"\n  response: y', "prompt", "NUL"),
        ('prompt: "a\\uD800"\n  response: y', "prompt", "lone surrogate"),
    ],
)
def test_a_bad_entry_is_rejected_with_its_line_and_the_next_is_read(tmp_path, entry, field, reason):
    bad, good = read(tmp_path, f"- {entry}\n{GOOD}")
    assert isinstance(bad, Rejected)
    assert (bad.origin, bad.field) == ("mine.yaml:1", field)
    assert reason in bad.reason
    assert said(good) == [("user", "Why?"), ("assistant", "Because.")]


@pytest.mark.parametrize("damaged", [b"caf\xe9", b"a\x07b", b"\xff\xfe", b"a\x00"])
def test_bytes_that_are_no_text_cost_only_their_entry(tmp_path, damaged):
    first, bad, last = read(tmp_path, GOOD.encode() + b"- prompt: " + damaged + b"\n  response: y\n" + GOOD.encode())
    assert (bad.origin, "line 3 is not UTF-8 or has control characters" in bad.reason) == ("mine.yaml:3", True)
    assert said(first) == said(last)


def test_broken_yaml_keeps_what_stood_before(tmp_path):
    first, broken = read(tmp_path, GOOD + '- prompt: "open\n  response: y\n' + GOOD)
    assert said(first) == [("user", "Why?"), ("assistant", "Because.")]
    assert "not YAML, what follows is not read" in broken.reason
    assert broken.origin.startswith("mine.yaml:")


def test_an_alias_bomb_stays_small(tmp_path):
    letters = "abcdefghijklmnop"
    bomb = f"- &a {['x'] * 9}\n" + "".join(f"- &{b} [{', '.join([f'*{a}'] * 9)}]\n" for a, b in itertools.pairwise(letters))
    rows = read(tmp_path, bomb)
    assert len(rows) == len(letters)
    assert all(isinstance(row, Rejected) and len(row.raw) < 200 for row in rows)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "the file has no rows"),
        ("# only this\n", "the file has no rows"),
        ("[]", "the file has no rows"),
        ("prompt: x\nresponse: y\n", "expected a list of entries"),
        ("*a", "expected a list of entries"),
        ("- " + "[" * 50_000, "lists within lists on line 1"),
        ("- " + "{a: " * 50_000, "lists within lists on line 1"),
        ('- "\\U00999999"', "not YAML, what follows is not read"),
        ("%YAML " + "9" * 5000 + ".1\n---\n- x", "not YAML, what follows is not read"),
        ("- " + "x" * (5 << 20), "longer than 4,194,304 bytes; write so many entries as JSON Lines"),
    ],
)
def test_a_file_that_is_no_list_of_entries_is_one_rejection(tmp_path, text, reason):
    assert reason in only(read(tmp_path, text)).reason
