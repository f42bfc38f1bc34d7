"""wikiHow: the published CSV files, articles in JSON, what is taken out of them and what LIMA's wording is."""

import csv
import json

import pytest

from thousand.errors import DataError
from thousand.gather.forms.wikihow import LEFT_OUT, wikihow
from thousand.gather.rows import LONGEST_ROW, Candidate, Rejected

SEP = ["overview", "headline", "text", "sectionLabel", "title"]
TRAIN = {
    "title": "Train a Dog",
    "category": "Pets and Animals > Dogs",
    "intro": "Dogs like to learn. This wikiHow teaches you how to begin.",
    "methods": [
        {
            "title": "Sitting",
            "steps": [{"title": "Say the word", "description": "Say it once."}, {"headline": "Wait.", "text": "Be calm."}],
        },
        {"name": "Staying", "steps": ["Raise a hand.", "Step back."]},
    ],
    "tips": ["Bring sausages."],
    "warnings": ["Never shout."],
    "things_youll_need": ["A dog"],
    "url": "https://example.org/Train-a-Dog",
    "views": 12,
}


def read(tmp_path, *rows, **options):
    path = tmp_path / "a.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return list(wikihow(path=str(path), **options))


def table(tmp_path, header, *rows, name="a.csv"):
    with (tmp_path / name).open("w", newline="", encoding="utf-8") as stream:
        csv.writer(stream).writerows([header, *rows])
    return list(wikihow(path=str(tmp_path / name)))


def body(row) -> str:
    assert isinstance(row, Candidate), row
    return row.messages[1]["content"]


def only(rows):
    [row] = rows
    return row


def test_an_article_becomes_a_question_and_headed_sections_of_numbered_steps(tmp_path):
    row = only(read(tmp_path, TRAIN))
    assert row.messages[0]["content"] == "How to Train a Dog?"
    assert body(row) == (
        "Dogs like to learn. The following answer teaches you how to begin.\n\n"
        "## Sitting\n\n1. Say the word. Say it once.\n2. Wait. Be calm.\n\n"
        "## Staying\n\n1. Raise a hand.\n2. Step back."
    )
    assert (row.origin, row.form, row.group) == ("a.jsonl:1", "wikihow", "a.jsonl:Train a Dog")
    assert (row.tags, row.link, row.licence) == (["Pets and Animals", "Dogs"], "https://example.org/Train-a-Dog", "CC BY-NC-SA 3.0")


def test_sections_beside_the_steps_are_left_out_unless_asked_for(tmp_path):
    assert "sausages" not in body(only(read(tmp_path, TRAIN)))
    everything = body(only(read(tmp_path, TRAIN, leave_out=())))
    assert everything.endswith("## Things You'll Need\n\n- A dog\n\n## Tips\n\n- Bring sausages.\n\n## Warnings\n\n- Never shout.")
    some = body(only(read(tmp_path, TRAIN, leave_out=("tips", "things youll need"))))
    assert "sausages" not in some
    assert "Never shout." in some


@pytest.mark.parametrize("label", LEFT_OUT)
def test_a_section_of_the_default_list_is_left_out_however_it_is_written(tmp_path, label):
    sections = {"Steps": ["Do it."], label.upper(): ["Not this."]}
    assert body(only(read(tmp_path, {"title": "Do it", "sections": sections}))) == "1. Do it."


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        ({"steps": ["Mix.", "Bake."]}, "1. Mix.\n2. Bake."),
        ({"steps": ["Bake."], "ingredients": ["An egg"]}, "## Ingredients\n\n- An egg\n\n1. Bake."),
        ({"text": "This article is short.\nAdvertisement\nIt ends."}, "The following answer is short.\nIt ends."),
        ({"sections": [{"heading": "First", "text": "A."}, {"heading": "Then", "content": ["B."]}]}, "## First\n\nA.\n\n## Then\n\n1. B."),
        ({"parts": {"Only": "A."}}, "## Only\n\nA."),
        ({"steps": [{"headline": "Boil", "text": "<p>Wait.</p><ul><li>a</li><li>b</li></ul>"}]}, "1. Boil. Wait.\n\n   - a\n   - b"),
    ],
)
def test_the_common_shapes_of_articles(tmp_path, row, expected):
    assert body(only(read(tmp_path, {"title": "How to Do It"} | row))) == expected


@pytest.mark.parametrize(
    ("title", "question"),
    [
        ("How to Cook an Omelette", "How to Cook an Omelette?"),
        ("  Cook\nan Omelette. ", "How to Cook an Omelette?"),
        ("Is It Safe?", "Is It Safe?"),
        ("What to Do in the Rain", "What to Do in the Rain?"),
        ("Can Tomatoes", "How to Can Tomatoes?"),
    ],
)
def test_the_title_is_asked_as_a_question(tmp_path, title, question):
    assert only(read(tmp_path, {"title": title, "steps": ["x"]})).messages[0]["content"] == question


@pytest.mark.parametrize(
    ("written", "left"),
    [
        ("See [the guide](https://a.org/x) now.", "See the guide now."),
        ("Look. ![a pot](pot.jpg) Stir.", "Look. Stir."),
        ("[[Image:Pot.jpg|thumb]]Stir the [[Soup|broth]] and [[Salt]].", "Stir the broth and Salt."),
        ("Go to https://a.org/x?y=1. Then (www.b.org/c) rest.", "Go to . Then rest."),
        ("It works [12]. Really.[3] But list[0] stays.", "It works. Really. But list[0] stays."),
        ('A <a href="https://a.org">word</a> &amp; <img src="x">more', "A word & more"),
        ("Fish &amp; chips, 3 < 4", "Fish & chips, 3 < 4"),
    ],
)
def test_links_images_addresses_and_citations_are_taken_out(tmp_path, written, left):
    assert body(only(read(tmp_path, {"title": "x", "text": written}))) == left


def test_rows_of_steps_are_joined_by_title_wherever_they_stand(tmp_path):
    tea, rake = table(
        tmp_path,
        SEP,
        ["This article is about tea.", "\nBoil water.", "Use a kettle.;\n", "Heating", "How to Brew Tea"],
        ["", "\nRake.", "Slowly.\n\n\nStart left.\nEnd right.\n\n", "Steps", "How to Rake"],
        ["", "\nPour.", "Now.", "Brewing", "How to Brew Tea"],
        ["", "", "It is hot!", "Warnings", "How to Brew Tea"],
        ["", "\nLet it cool.", "", "Heating", "How to Brew Tea"],
    )
    assert (tea.origin, rake.origin) == ("a.csv:1", "a.csv:2")
    assert body(tea) == (
        "The following answer is about tea.\n\n## Heating\n\n1. Boil water. Use a kettle.\n2. Let it cool.\n\n## Brewing\n\n1. Pour. Now."
    )
    assert body(rake) == "1. Rake. Slowly.\n   - Start left.\n   - End right."


def test_bold_lines_and_paragraphs_of_one_row_are_paired(tmp_path):
    header = ["headline", "title", "text"]
    paragraphs = "Sort pots, pans etc. For example:\n\n\nBy size.\nBy age.;\n, Use soap, e.g. green., Do it monthly.\n\n"
    second, broken, music = table(
        tmp_path,
        header,
        ["\nSort.,\nWash.,\nRest.", "How to Tidy Up2", paragraphs],
        ["\nSort.,\nWash.", "How to Tidy Up1", "Only one paragraph."],
        ["\nListen.", "How to Play an MP3", "Use a player."],
    )
    assert second.messages[0]["content"] == "How to Tidy Up?"
    assert body(second) == (
        "1. Sort. Sort pots, pans etc. For example:\n   - By size.\n   - By age.\n2. Wash. Use soap, e.g. green.\n3. Rest. Do it monthly."
    )
    assert (broken.origin, broken.field) == ("a.csv:2", "text")
    assert "2 bold lines, 1 paragraphs" in broken.reason
    assert music.messages[0]["content"] == "How to Play an MP3?"


@pytest.mark.parametrize(
    ("row", "field", "reason"),
    [
        ({"steps": ["x"]}, "title", "expected text, found nothing"),
        ({"title": " ", "steps": ["x"]}, "title", "empty title"),
        ({"title": "x"}, None, "nothing is left"),
        ({"title": "x", "tips": ["y"]}, None, "nothing is left"),
        ({"title": "x", "text": "![only](an.jpg)"}, None, "nothing is left"),
        ({"title": "x", "steps": [3]}, "steps[0]", "expected text, found int"),
        ({"title": "x", "methods": 3}, "methods", "expected a list, found int"),
        ({"title": "x", "methods": [{"title": "y"}]}, "methods[0]", "a section without steps and without text"),
        ({"title": "x", "methods": [{"steps": [{"picture": "y"}]}]}, "methods[0].steps[0]", "a step without headline"),
        ({"title": "x", "sections": [{"text": {"text": {"text": "y"}}}]}, "sections[0].text", "expected a list, found dict"),
        ({"title": "x", "text": "<div>" * 1000}, "text", "nested deeper"),
        ({"title": "x", "steps": ["y"], "category": 3}, "category", "expected text"),
        ({"title": "x", "text": "a\ud800"}, "text", "lone surrogate"),
        ({"title": "x", "headline": "", "text": "", "sectionLabel": ""}, "headline", "neither a bold line nor a text"),
        ([1], None, "expected fields with names"),
    ],
)
def test_a_malformed_article_is_rejected_with_its_field_and_the_next_is_read(tmp_path, row, field, reason):
    bad, good = read(tmp_path, row, TRAIN)
    assert isinstance(bad, Rejected)
    assert (bad.origin, bad.field) == ("a.jsonl:1", field)
    assert reason in bad.reason
    assert isinstance(good, Candidate)


def test_an_article_of_absurd_length_is_rejected(tmp_path):
    long = {"overview": "", "headline": "h", "text": "x" * (LONGEST_ROW // 4), "sectionLabel": "", "title": "Long"}
    assert "characters long" in only(read(tmp_path, *[long] * 5)).reason


@pytest.mark.parametrize(
    "text", ["[" * 200_000, "[a](" * 100_000, "<a" * 200_000, "http://" * 100_000, "![x]" * 100_000, " " * 500_000 + "x", "\n " * 300_000]
)
def test_hostile_texts_take_no_time(tmp_path, text):
    read(tmp_path, {"title": "x", "text": text})  # quadratic patterns would take hours


@pytest.mark.parametrize("filling", ["\n", " ", ";\n", ". ", ".,", "\n\n,"])
def test_hostile_cells_take_no_time(tmp_path, filling):
    read(tmp_path, {"title": "x", "headline": filling * 200_000, "text": filling * 200_000})


def test_a_file_of_another_kind_is_refused(tmp_path):
    (tmp_path / "a.xml").write_text("<x/>")
    with pytest.raises(DataError, match="not a kind of file"):
        wikihow(path=str(tmp_path / "a.xml"))
