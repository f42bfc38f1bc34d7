"""Stack Exchange dumps: questions joined to their answers, prompts, licences, and hostile XML."""

import threading
import time
from pathlib import Path
from xml.sax.saxutils import quoteattr

import py7zr
import pytest

from thousand.errors import DataError, RecipeError
from thousand.gather import exchanges
from thousand.gather.forms.stackexchange import stackexchange
from thousand.gather.rows import Candidate, Rejected

SHARED = Path(__file__).parents[3] / ".." / "shared" / "data" / "stackexchange"
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


def test_another_seed_chooses_titles_for_other_questions(tmp_path):
    asked = dump(*[question(n) + answer(n + 1, n) for n in range(1, 201, 2)])
    first, again, other = ([row.messages[0]["content"] for row in read(tmp_path, asked, seed=seed)] for seed in (1, 1, 2))
    assert first == again
    assert 25 < sum(a != b for a, b in zip(first, other, strict=True)) < 75


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


def archive(path, members, **options):
    with py7zr.SevenZipFile(path, "w", **options) as written:
        for name, text in members.items():
            written.writestr(text, name)
    return path


def test_an_archive_gives_the_rows_of_its_posts(tmp_path):
    text = dump(question(1), *(answer(n, 1, Body=f"<p>{n}</p>") for n in range(2, 3000)))
    path = archive(
        tmp_path / "coffee.stackexchange.com.7z", {"Badges.xml": "<badges/>" * 10_000, "Posts.xml": text, "Votes.xml": "<votes/>"}
    )
    rows = list(stackexchange(path=str(path)))
    assert [row.messages for row in rows] == [row.messages for row in read(tmp_path, text)]
    assert (rows[0].source, rows[0].origin, rows[0].link) == (
        "coffee",
        "coffee.stackexchange.com.7z:#2",
        "https://coffee.stackexchange.com/a/2",
    )


@pytest.mark.parametrize(
    ("name", "source", "host"),
    [
        ("stackoverflow.com-Posts.7z", "stackoverflow.com", "stackoverflow.com"),
        ("math.meta.stackexchange.com.7z", "math.meta", "math.meta.stackexchange.com"),
        ("mathoverflow.net.7z", "mathoverflow.net", "mathoverflow.net"),
        ("beer.7z", "beer", "beer.stackexchange.com"),
    ],
)
def test_the_site_is_read_from_the_name_of_the_archive(tmp_path, name, source, host):
    [row] = stackexchange(path=str(archive(tmp_path / name, {"Posts.xml": dump(question(1), answer(2, 1))})))
    assert (row.source, row.link) == (source, f"https://{host}/a/2")


def test_an_archive_that_nobody_reads_to_its_end_is_let_go(tmp_path):
    text = dump(question(1), *(answer(n, 1, Body=str(n) * 5000) for n in range(2, 2000)))
    before = threading.active_count()
    rows = iter(stackexchange(path=str(archive(tmp_path / "beer.7z", {"Posts.xml": text}))))
    next(rows)
    del rows
    end = time.monotonic() + 10
    while threading.active_count() > before and time.monotonic() < end:
        time.sleep(0.01)
    assert threading.active_count() <= before


def test_a_split_leaves_out_the_sites_of_the_other(tmp_path):
    for site in ("coffee", "stats", "stats.meta", "stackapps", "programmers"):
        (tmp_path / f"{site}.Posts.xml").write_text(dump(question(1), answer(2, 1)))
    archive(tmp_path / "stackoverflow.com-Posts.7z", {"Posts.xml": dump(question(1), answer(2, 1))})
    found = {split: [unit.source for unit in stackexchange(path=str(tmp_path / "*"), split=split).units] for split in exchanges.SPLITS}
    assert found == {"stem": ["programmers", "stackoverflow.com", "stats"], "other": ["coffee"]}
    with pytest.raises(DataError, match="No site of the split 'stem' is among coffee"):
        stackexchange(path=str(tmp_path / "coffee*"), split="stem")
    with pytest.raises(RecipeError, match="split: 'science' is not known"):
        stackexchange(path=str(tmp_path / "coffee*"), split="science")
    (tmp_path / "Posts.xml").write_text(dump())
    with pytest.raises(DataError, match="does not say of which site"):
        stackexchange(path=str(tmp_path / "Posts.xml"), split="stem")


def test_the_lists_of_exchanges_are_as_long_as_the_papers():
    assert (len(exchanges.STEM), len(exchanges.NICHE)) == (75, 5)
    assert not exchanges.STEM & exchanges.NICHE


@pytest.mark.skipif(not SHARED.is_dir(), reason=f"no real data at {SHARED}: shared/data belongs beside the repository")
def test_a_real_archive_is_read_whole():
    rows = list(stackexchange(path=str(SHARED / "beer.stackexchange.com.7z")))
    assert len(rows) == 1572  # 7z x -so | grep -c 'PostTypeId="2"'
    assert all(isinstance(row, Candidate) for row in rows)
