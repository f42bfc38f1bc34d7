"""Task files: definition and instance joined, the choice by hash, categories, and files that are broken."""

import gzip
import json
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from thousand.errors import DataError, RecipeError
from thousand.gather.forms.natural_instructions import natural_instructions
from thousand.gather.rows import LONGEST_ROW, Candidate, Rejected

module = sys.modules["thousand.gather.forms.natural_instructions"]
INSTANCES = [{"id": f"task7-{n}", "input": f"Text: number {n}", "output": [f"answer {n}", "another"]} for n in range(50)]
TASK = {
    "Contributors": ["Ann"],
    "Source": ["made"],
    "URL": ["", "https://example.org/data"],
    "Categories": ["Summarization", "Style Transfer"],
    "Definition": ["Shorten the text."],
    "Positive Examples": [{"input": "a", "output": "b", "explanation": "c"}],
    "Instances": INSTANCES,
    "Instance License": ["Apache 2.0"],
}


def write(tmp_path, task, name="task007_made.json"):
    tmp_path.mkdir(exist_ok=True)
    (tmp_path / name).write_bytes(task if isinstance(task, bytes) else json.dumps(task, indent=4).encode())
    return tmp_path


def read(tmp_path, task, **options):
    return list(natural_instructions(path=str(write(tmp_path, task)), **options))


def said(row):
    assert isinstance(row, Candidate), row
    return [message["content"] for message in row.messages]


def only(rows):
    [row] = rows
    return row


def test_definition_and_input_are_the_prompt_and_the_first_output_the_response(tmp_path):
    row = only(read(tmp_path, TASK))
    prompt, response = said(row)
    number = int(response.removeprefix("answer "))
    assert prompt == f"Shorten the text.\n\nText: number {number}"
    assert (row.source, row.origin) == ("tasks", f"task007_made.json:{number + 1}")
    assert (row.tags, row.link, row.licence) == (["Summarization", "Style Transfer"], "https://example.org/data", "Apache 2.0")


@pytest.mark.parametrize("per_task", [1, 7, 50, 99])
def test_the_choice_does_not_depend_on_the_order_and_grows_with_its_number(tmp_path, per_task):
    chosen = [said(row) for row in read(tmp_path / "a", TASK, per_task=per_task)]
    other = [said(row) for row in read(tmp_path / "b", TASK | {"Instances": INSTANCES[::-1]}, per_task=per_task)]
    assert chosen == other[::-1]
    assert len(chosen) == min(per_task, 50)
    assert said(only(read(tmp_path / "a", TASK))) in chosen


def test_the_choice_is_not_the_first_of_every_task(tmp_path):
    for task in range(40):
        instances = [{"input": f"{task} {n}", "output": f"{n}"} for n in range(10)]
        write(tmp_path, TASK | {"Instances": instances}, f"task{task:03d}.json")
    answers = [said(row)[1] for row in natural_instructions(path=str(tmp_path))]
    assert len(answers) == 40
    assert len(set(answers)) >= 6  # of 10; fewer in one of a million draws


def test_the_first_version_of_the_collection_writes_texts_not_lists(tmp_path):
    task = TASK | {"Definition": "Shorten it.", "Categories": "Summarization", "Instances": [{"input": "", "output": "Short."}]}
    row = only(read(tmp_path, task))
    assert (said(row), row.tags) == (["Shorten it.", "Short."], ["Summarization"])


TEXT = st.text(max_size=9)
VALUES = (
    st.none() | st.integers() | TEXT | st.lists(TEXT, max_size=3) | st.dictionaries(TEXT, TEXT | st.lists(TEXT, max_size=2), max_size=3)
)


@settings(max_examples=50)
@given(st.dictionaries(TEXT, VALUES, max_size=4), st.lists(VALUES, max_size=4), st.sampled_from([None, 0, 4]))
def test_fields_are_read_as_any_json_reader_reads_them(fields, instances, indent):
    task = {**fields, "Instances": instances, "last": 1}
    found = list(module._fields(json.dumps(task, indent=indent)))
    assert [value for field, value, _ in found if field == "Instances"] == instances
    assert {field: value for field, value, _ in found if field != "Instances"} == {name: task[name] for name in task if name != "Instances"}
    assert all(json.loads(raw) == value for _, value, raw in found)


def test_a_folder_stands_for_its_task_files(tmp_path):
    for name in ("task002.json", "task001.json", "README.json"):
        write(tmp_path, TASK, name)
    assert [row.origin.partition(":")[0] for row in natural_instructions(path=str(tmp_path))] == ["task001.json", "task002.json"]
    assert len(list(natural_instructions(path=[str(tmp_path), str(tmp_path / "task*.json")]))) == 2
    (tmp_path / "task003.json.gz").write_bytes(gzip.compress(json.dumps(TASK).encode(), mtime=0))
    assert len(list(natural_instructions(path=str(tmp_path / "task003*")))) == 1


def test_only_the_categories_asked_for_are_kept(tmp_path):
    write(tmp_path, TASK)
    write(tmp_path, TASK | {"Categories": ["Translation"]}, "task008.json")
    last = {name: TASK[name] for name in reversed(TASK)} | {"Categories": ["Translation"]}
    write(tmp_path, {name: last[name] for name in ("Instances", "Definition", "Categories")}, "task009.json")
    rows = list(natural_instructions(path=str(tmp_path), categories=["TRANSLATION"]))
    assert [row.origin.partition(":")[0] for row in rows] == ["task008.json", "task009.json"]
    assert list(natural_instructions(path=str(tmp_path), categories=["Cooking"])) == []


@pytest.mark.parametrize(
    ("instance", "field", "reason"),
    [
        ({"output": ["x"]}, "input", "expected text, found nothing"),
        ({"input": "x"}, "output", "expected text, found nothing"),
        ({"input": "x", "output": []}, "output", "expected text, found list"),
        ({"input": "x", "output": [3]}, "output", "expected text, found int"),
        ({"input": "x", "output": [" "]}, "output", "empty output"),
        ({"input": "x\0", "output": ["y"]}, "input", "NUL"),
        ("text", None, "expected an input and an output"),
        ({"input": "x" * LONGEST_ROW, "output": "y"}, None, "characters long"),
    ],
)
def test_a_malformed_instance_is_rejected_and_another_is_taken(tmp_path, instance, field, reason):
    bad, good = read(tmp_path, TASK | {"Instances": [INSTANCES[0], instance]})
    assert isinstance(bad, Rejected)
    assert (bad.origin, bad.field) == ("task007_made.json:2", field)
    assert reason in bad.reason
    assert said(good)[1] == "answer 0"


def test_other_bytes_cost_only_their_instance(tmp_path):
    text = json.dumps(TASK | {"Instances": INSTANCES[:2]}).encode().replace(b"number 0", b"number \xff")
    bad, good = read(tmp_path, text)
    assert "not UTF-8: the byte 0xff" in bad.reason
    assert said(good)[1] == "answer 1"


def test_a_file_that_breaks_off_gives_of_what_stood_before(tmp_path):
    text = json.dumps(TASK, indent=4).encode()
    broken, good = read(tmp_path, text[: text.index(b"number 3")])
    assert broken.origin == "task007_made.json"
    assert "not JSON, what follows is not read" in broken.reason
    assert said(good)[1] in {f"answer {n}" for n in range(3)}
    packed = gzip.compress(b"".join(json.dumps(each).encode() + b"," for each in INSTANCES), 0, mtime=0)
    (tmp_path / "cut").mkdir()
    (tmp_path / "cut" / "task1.json.gz").write_bytes(packed[:200])
    assert "breaks off here" in only(natural_instructions(path=str(tmp_path / "cut" / "task1.json.gz"))).reason


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (b"", "expected { at character 1"),
        (b"[]", "expected { at character 1"),
        (b"{}", "the file has no Instances"),
        (b'{"a": 1}', "the file has no Instances"),
        (b'{"Instances": []}', "the file has no Instances"),
        (b'{"Instances": [] "x"}', "expected , or }"),
        (b'{"a": 1} {', "text after the end of the task"),
        (b'{"a": ' + b"[" * 100_000, "lists within lists"),
        (b'{"a": ' + b"9" * 5000 + b"}", "not JSON"),
        (b'{"Instances": [{"input": "x", "output": "y"}]}', "the task has no definition"),
    ],
)
def test_a_file_that_is_no_task_is_one_rejection(tmp_path, text, reason):
    row = only(read(tmp_path, text))
    assert isinstance(row, Rejected)
    assert reason in row.reason


def test_a_broken_file_is_said_whatever_its_category(tmp_path):
    assert "not JSON" in only(read(tmp_path, b'{"Definition": ', categories=["Translation"])).reason


def test_a_task_of_absurd_length_is_not_read_to_its_end(tmp_path, monkeypatch):
    monkeypatch.setattr(module, "_LARGEST", 2000)
    broken, good = read(tmp_path, TASK)
    assert "longer than 2,000 bytes" in broken.reason
    assert isinstance(good, Candidate)


def test_options_that_make_no_sense_are_errors(tmp_path):
    with pytest.raises(RecipeError, match="per_task: 0"):
        natural_instructions(path=str(write(tmp_path, TASK)), per_task=0)
    (tmp_path / "empty").mkdir()
    with pytest.raises(DataError, match="No file matches"):
        natural_instructions(path=str(tmp_path / "empty"))
