"""Stack Exchange dumps: questions joined to their answers, prompts, licences, and hostile XML."""

from xml.sax.saxutils import quoteattr

import pytest

from thousand.errors import DataError, RecipeError
from thousand.gather.forms.stackexchange import stackexchange
from thousand.gather.rows import Candidate, Rejected

BODY = "<p>Mine is <a href='x'>dry</a> and I want to know.</p>"


def post(kind, identity, **more):
    fields = {"Id": identity, "PostTypeId": kind, "CreationDate": "2012-01-01T00:00:00.000", "Score": 3, "Body": BODY} | more
    return "<row " + " ".join(f"{name}={quoteattr(str(value))}" for name, value in fields.items() if value is not None) + " />\n"


def question(identity, title="How do I keep the beans fresh?", **more):
    return post(1, identity, Title=title, **more)


def answer(identity, parent, **more):
    return post(2, identity, ParentId=parent, **more)


def dump(*posts):
    return '\ufeff<?xml version="1.0" encoding="utf-8"?>\n<posts>\n' + "".join(posts) + "</posts>\n"


def read(tmp_path, text, name="coffee.Posts.xml", **options):
    path = tmp_path / name
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return list(stackexchange(path=str(path), **options))


def only(rows) -> Rejected:
    [row] = rows
    assert isinstance(row, Rejected), row
    return row


def test_a_question_is_joined_to_all_its_answers(tmp_path):
    posts = [
        question(1, AcceptedAnswerId=3, Tags="<beans><storage>"),
        answer(2, 1, Score=-1, OwnerUserId=9),
        answer(3, 1, OwnerDisplayName="Ann"),
    ]
    second, third = read(tmp_path, dump(*posts))
    assert second[:2] == ("coffee", "coffee.Posts.xml:#2")
    assert (second.group, second.score, second.author, second.tags) == ("coffee:#1", -1.0, "user 9", ["beans", "storage"])
    assert second.link == "https://coffee.stackexchange.com/a/2"
    assert (third.group, third.score, third.author, third.tags) == ("coffee:#1", 3.0, "Ann", ["beans", "storage", "accepted"])
    assert third.messages[1] == {"role": "assistant", "content": "Mine is dry and I want to know."}
    assert second.messages[0] == third.messages[0]


def test_an_answer_that_stands_before_its_question_is_joined(tmp_path):
    rows = read(tmp_path, dump(answer(5, 9), question(8), answer(6, 8), question(9, title="What of the ground ones?")))
    assert [(row.origin[-2:], row.group) for row in rows] == [("#6", "coffee:#8"), ("#5", "coffee:#9")]
    assert rows[1].messages[0]["content"].startswith("What of the ground ones?")


def test_an_answer_without_its_question_is_rejected(tmp_path):
    kept, orphan = read(tmp_path, dump(question(1), answer(2, 1), answer(3, 77)))
    assert isinstance(kept, Candidate)
    assert (orphan.origin, orphan.field) == ("coffee.Posts.xml:#3", "ParentId")
    assert "its question 77 is not in the file" in orphan.reason
    assert '"ParentId": "77"' in orphan.raw


def test_questions_without_answers_and_other_posts_are_no_rows(tmp_path):
    rows = read(tmp_path, dump(question(1), question(2), post(5, 3), answer(4, 2)))
    assert [row.origin for row in rows] == ["coffee.Posts.xml:#4"]


def test_a_title_that_can_stand_alone_is_the_prompt_of_about_half_the_questions(tmp_path):
    asked = [question(n) + answer(n + 1, n) for n in range(1, 801, 2)]
    prompts = [row.messages[0]["content"] for row in read(tmp_path, dump(*asked))]
    alone = prompts.count("How do I keep the beans fresh?")
    assert 160 < alone < 240  # of 400: four standard deviations about the half
    assert prompts.count("How do I keep the beans fresh?\n\nMine is dry and I want to know.") == 400 - alone
    assert prompts == [row.messages[0]["content"] for row in read(tmp_path, dump(*asked))]


@pytest.mark.parametrize("title", ["Keeping beans fresh for a year", "What is this?", "How do I use the following ones here?"])
def test_a_title_that_cannot_stand_alone_never_does(tmp_path, title):
    asked = [question(n, title=title) + answer(n + 1, n) for n in range(1, 41, 2)]
    assert all("Mine is dry" in row.messages[0]["content"] for row in read(tmp_path, dump(*asked)))


@pytest.mark.parametrize(
    ("day", "given", "licence"),
    [
        ("2011-04-07", None, "CC BY-SA 2.5"),
        ("2011-04-08", None, "CC BY-SA 3.0"),
        ("2018-05-01", None, "CC BY-SA 3.0"),
        ("2018-05-02", None, "CC BY-SA 4.0"),
        ("2018-05-02", "CC BY-SA 3.0", "CC BY-SA 3.0"),
        ("long ago", None, None),
    ],
)
def test_the_licence_is_the_posts_own_or_that_of_its_day(tmp_path, day, given, licence):
    [row] = read(tmp_path, dump(question(1), answer(2, 1, CreationDate=f"{day}T10:00:00.000", ContentLicense=given)))
    assert row.licence == licence


@pytest.mark.parametrize(
    ("name", "site", "host"),
    [
        ("coffee.Posts.xml", "coffee", "coffee.stackexchange.com"),
        ("bicycles.meta.Posts.xml", "bicycles.meta", "bicycles.meta.stackexchange.com"),
        ("coffee.stackexchange.com/Posts.xml", "coffee", "coffee.stackexchange.com"),
        ("stackoverflow.com-Posts/Posts.xml", "stackoverflow.com", "stackoverflow.com"),
        ("superuser.Posts.xml", "superuser", "superuser.com"),
        ("beer-2014.Posts.xml", "beer-2014", "beer.stackexchange.com"),
    ],
)
def test_the_site_is_read_from_the_name(tmp_path, name, site, host):
    [row] = read(tmp_path, dump(question(1), answer(2, 1)), name)
    assert (row.source, row.group, row.link) == (site, f"{site}:#1", f"https://{host}/a/2")


def test_a_dump_without_a_site_has_no_links_unless_it_is_told(tmp_path):
    [row] = read(tmp_path, dump(question(1), answer(2, 1)), "Posts.xml")
    assert (row.source, row.link) == ("Posts.xml", None)
    [row] = read(tmp_path, dump(question(1), answer(2, 1)), "Posts.xml", site="tea")
    assert (row.source, row.link) == ("tea", "https://tea.stackexchange.com/a/2")
    with pytest.raises(RecipeError, match="not the name of a site"):
        read(tmp_path, dump(), "Posts.xml", site="https://tea")


def test_newer_dumps_write_tags_with_bars(tmp_path):
    [row] = read(tmp_path, dump(question(1, Tags="|beans|cold-brew|"), answer(2, 1)))
    assert row.tags == ["beans", "cold-brew"]


def test_too_few_votes_are_rejected_when_asked_for(tmp_path):
    low, high = read(tmp_path, dump(question(1), answer(2, 1, Score=9), answer(3, 1, Score=10)), least_score=10)
    assert (low.field, low.reason) == ("Score", "score 9, least_score asks for 10")
    assert isinstance(high, Candidate)


@pytest.mark.parametrize(
    ("bad", "field"),
    [
        (answer("x", 1), "Id"),
        (answer(2, None), "ParentId"),
        (answer(2, 1, PostTypeId=None), "PostTypeId"),
        (answer(2, 1, Score="many"), "Score"),
        (answer(2, 1, Body="<p><img src='x'></p>"), "Body"),
        (answer(2, 1, Body="<div>" * 50_000), "Body"),
        (question(1), "Id"),
        (question(4, title=" ", Body=""), "Title"),
    ],
)
def test_a_malformed_post_is_rejected_with_its_field_and_the_next_is_read(tmp_path, bad, field):
    rejected, kept = read(tmp_path, dump(question(1), bad, answer(3, 1)))
    assert rejected.field == field
    assert isinstance(kept, Candidate)


def test_a_truncated_file_keeps_what_stood_before_the_break(tmp_path):
    text = dump(question(1), *(answer(n, 1) for n in range(2, 12)))
    *rows, broken = read(tmp_path, text[: text.index('Id="9"')])
    assert [row.origin[-2:] for row in rows] == [f"#{n}" for n in range(2, 9)]
    assert "line 11" in broken.reason
    assert "what follows is lost" in broken.reason


@pytest.mark.parametrize(
    "text",
    [
        b'<!DOCTYPE posts [<!ENTITY x SYSTEM "file:///etc/passwd">]><posts><row Id="1" PostTypeId="2" ParentId="1" Body="x"/>&x;</posts>',
        b'<!DOCTYPE posts [<!ENTITY a "ha"><!ENTITY b "&a;&a;">]><posts><row Id="1" PostTypeId="2" ParentId="1" Body="&b;"/></posts>',
    ],
)
def test_a_document_type_is_refused(tmp_path, text):
    assert "declares a document type" in only(read(tmp_path, text)).reason


def test_an_entity_bomb_is_refused_in_no_time(tmp_path):
    entities = "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10 if n else "ha"}">' for n in range(12))
    text = f'<!DOCTYPE posts [{entities}]><posts><row Id="1" PostTypeId="2" Body="&a11;"/></posts>'
    assert isinstance(only(read(tmp_path, text)), Rejected)


@pytest.mark.parametrize("text", [b"", b"not xml", b"<posts/>", b"\x00\x01", b'<posts><row Id="1" Body="\xff"/></posts>'])
def test_a_file_that_is_no_dump_is_one_rejection(tmp_path, text):
    assert only(read(tmp_path, text)).origin == "coffee.Posts.xml"


def test_an_archive_says_how_to_unpack_it(tmp_path):
    with pytest.raises(DataError, match=r"is an archive.\s+Unpack it first \(7z x beer\.7z\)"):
        read(tmp_path, b"7z", "beer.7z")
