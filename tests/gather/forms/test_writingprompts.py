"""r/WritingPrompts: dumps joined in any order, what is no story, tags, and pairs of text files."""

import gzip
import itertools
import json
import random

import pytest
import zstandard

from thousand.errors import DataError
from thousand.gather.forms.writingprompts import writingprompts
from thousand.gather.rows import LONGEST_ROW, Candidate, Rejected


def submission(identity, title="[WP] A door opens by itself.", **more):
    return {"id": identity, "title": title, "selftext": "", "author": "asker", "score": 9, "subreddit": "WritingPrompts"} | more


def comment(identity, parent, body="Once upon a time.", **more):
    found = {"id": identity, "parent_id": parent, "link_id": "t3_a1", "body": body, "author": "teller", "score": 12}
    return found | {"subreddit": "WritingPrompts"} | more


def lines(*rows):
    return "".join(row if isinstance(row, str) else json.dumps(row) + "\n" for row in rows).encode()


def read(tmp_path, **files):
    """Read files by their names, in which two underscores stand for a dot."""
    for name, data in files.items():
        (tmp_path / name.replace("__", ".")).write_bytes(data)
    return list(writingprompts(path=[str(tmp_path / name.replace("__", ".")) for name in files]))


def said(row):
    assert isinstance(row, Candidate), row
    return [message["content"] for message in row.messages]


def only(rows):
    [row] = rows
    return row


def test_a_story_is_joined_to_its_submission(tmp_path):
    row = only(read(tmp_path, RS__ndjson=lines(submission("a1")), RC__ndjson=lines(comment("b1", "t3_a1", "Once &amp; again.&#x200B;\n"))))
    assert said(row) == ["A door opens by itself.", "Once & again."]
    assert (row.source, row.origin, row.group, row.form) == ("r/WritingPrompts", "RC.ndjson:1", "r/WritingPrompts:a1", "pushshift")
    assert (row.score, row.author, row.tags) == (12.0, "teller", ["WP"])
    assert row.link == "https://www.reddit.com/r/WritingPrompts/comments/a1/_/b1/"


def test_posts_in_any_order_and_any_files_give_the_same_rows(tmp_path):
    posts = [submission("a1"), submission("a2", "[EU] Ahoy."), *(comment(f"b{n}", f"t3_a{1 + n % 2}", f"Story {n}") for n in range(8))]
    found = set()
    for order, names in itertools.product(range(4), (["x.ndjson"], ["x.jsonl", "y.jsonl.gz"], ["WP_comments.zst", "WP_submissions.zst"])):
        random.Random(order).shuffle(posts)
        for part, name in enumerate(names):
            data = lines(*posts[part :: len(names)])
            pack = {"gz": gzip.compress, "zst": zstandard.compress}.get(name.rpartition(".")[2], bytes)
            (tmp_path / name).write_bytes(pack(data))
        rows = list(writingprompts(path=[str(tmp_path / name) for name in names]))
        assert len(rows) == 8
        found.add(tuple(sorted((*said(row), row.group, row.link) for row in rows)))
    assert len(found) == 1


def test_replies_other_subreddits_and_submissions_without_stories_are_no_rows(tmp_path):
    posts = [
        submission("a1"),
        submission("a2"),
        comment("b1", "t1_b0", "Lovely!"),
        comment("b2", "t3_a1", subreddit="AskReddit"),
        submission("a3", subreddit="AskReddit"),
        {"subreddit": "AskReddit", "id": None},
        comment("b3", "t3_a1"),
    ]
    assert [row.origin for row in read(tmp_path, x__jsonl=lines(*posts))] == ["x.jsonl:7"]


@pytest.mark.parametrize(
    ("post", "field", "reason"),
    [
        (comment("b1", "t3_a1", "[deleted]"), "body", "deleted or removed"),
        (comment("b1", "t3_a1", " [removed]\n"), "body", "deleted or removed"),
        (comment("b1", "t3_a1", "[ Removed by Reddit ]"), "body", "deleted or removed"),
        (submission("c1", "[deleted by user]"), "selftext", "deleted or removed"),
        (submission("c1", selftext="[removed]"), "selftext", "deleted or removed"),
        (submission("c1", removed_by_category="moderator"), "selftext", "deleted or removed"),
        (submission("c1", "[WP]"), "title", "nothing is left of the title"),
        (submission("c1", "[WP]" * 100_000 + "x"), "title", "characters long"),
        (comment("b1", "t3_a1", author="AutoModerator"), "author", "not a story"),
        (comment("b1", "t3_a1", distinguished="moderator"), "author", "not a story"),
        (comment("b1", "t3_a1", stickied=True), "author", "not a story"),
        (comment("b1", "t3_a1", " &#x200B; "), "body", "empty comment"),
        (comment("b1", None), "parent_id", "expected text, found nothing"),
        (comment("b1", "a1"), "parent_id", "expected t3_"),
        (comment("b1", "t3_A!"), "parent_id", "expected an id of Reddit"),
        (comment("b1", "t3_" + "z" * 12), "parent_id", "expected an id of Reddit"),
        (comment("", "t3_a1"), "id", "expected an id of Reddit"),
        (comment("b1", "t3_a1", score="many"), "score", "expected a number of votes"),
        (comment("b1", "t3_a1", score=1e300), "score", "expected a number of votes"),
        (comment("b9", "t3_a1"), "id", "stands earlier"),
        (submission("a1"), "id", "stands earlier"),
        ({"id": "x"}, None, "neither a submission"),
        ([3], None, "expected fields with names"),
        ("{broken\n", None, "not JSON"),
    ],
)
def test_what_is_no_story_is_rejected_with_its_field_and_the_next_is_read(tmp_path, post, field, reason):
    first, bad, good = read(tmp_path, x__jsonl=lines(submission("a1"), comment("b9", "t3_a1"), post, comment("b2", "t3_a1")))
    assert isinstance(bad, Rejected)
    assert (bad.source, bad.origin, bad.field) == ("r/WritingPrompts", "x.jsonl:3", field)
    assert reason in bad.reason
    assert said(first) == said(good)


def test_a_story_without_its_submission_is_rejected(tmp_path):
    posts = [
        submission("a1", selftext="[removed]"),
        comment("b1", "t3_a1"),
        comment("b2", "t3_zz"),
        submission("a3"),
        comment("b3", "t3_a3"),
    ]
    removed, good, *orphans = read(tmp_path, x__jsonl=lines(*posts))
    assert removed.field == "selftext"
    assert good.origin == "x.jsonl:5"
    assert [(row.origin, row.field) for row in orphans] == [("x.jsonl:2", "parent_id"), ("x.jsonl:3", "parent_id")]
    assert "its submission is not in the files" in orphans[1].reason


@pytest.mark.parametrize(
    ("title", "prompt", "tags"),
    [
        ("[WP] A door.", "A door.", ["WP"]),
        (" [ wp ][TT]  A door.", "A door.", ["WP", "TT"]),
        ("A door. [EU] [CW]", "A door.", ["EU", "CW"]),
        ("A [door] opens", "A [door] opens", []),
        ("[REDACTED] called &amp; left.", "[REDACTED] called & left.", []),
        ("[Meta] A door", "A door", ["META"]),
    ],
)
def test_tags_are_taken_off_the_title(tmp_path, title, prompt, tags):
    row = only(read(tmp_path, x__jsonl=lines(submission("a1", title), comment("b1", "t3_a1", score=None, author="[deleted]"))))
    assert (said(row)[0], row.tags, row.score, row.author) == (prompt, tags, None, None)


def test_files_without_stories_say_so(tmp_path):
    row = only(read(tmp_path, x__jsonl=lines(submission("a1", subreddit="AskReddit"))))
    assert "have no stories of r/WritingPrompts" in row.reason


def test_a_dump_that_breaks_off_keeps_what_stood_before(tmp_path):
    random.seed(3)
    words = [" ".join(random.choices("abcdefghij", k=60)) for _ in range(4000)]
    data = zstandard.compress(lines(*(comment(f"b{n}", "t3_a1", words[n]) for n in range(4000))))
    *rows, orphan = read(tmp_path, RS__zst=zstandard.compress(lines(submission("a1"))), RC__zst=data[: len(data) // 2])
    assert len(rows) > 1000
    assert [said(row)[1] for row in rows] == words[: len(rows)]
    assert orphan.origin == f"RC.zst:{len(rows) + 1}"
    assert "breaks off here" in orphan.reason


def pair(tmp_path, source, target, names=("train.wp_source", "train.wp_target")):
    for name, data in zip(names, (source, target), strict=True):
        (tmp_path / name).write_bytes(gzip.compress(data, mtime=0) if name.endswith("gz") else data)
    return list(writingprompts(path=[str(tmp_path / name) for name in names]))


@pytest.mark.parametrize(
    "names", [("train.wp_source", "train.wp_target"), ("train.wp_source.gz", "train.wp_target"), ("t.source", "t.target")]
)
def test_lines_of_source_and_target_are_pairs(tmp_path, names):
    source = b"[ WP ] A door .\n[ WP ] A door .\n[ EU ] A ship .\n"
    target = "Once . <newline> <newline> Twice .\nNever .\u2028x\nAhoy .\n".encode()
    first, second, third = pair(tmp_path, source, target, names)
    assert said(first) == ["A door .", "Once .\n\nTwice ."]
    assert said(second)[1] == "Never .\u2028x"
    assert (first.origin, first.form, first.tags) == (f"{names[0]}:1", "source_target", ["WP"])
    assert first.group == second.group != third.group


def test_a_bad_pair_is_rejected_and_the_next_is_read(tmp_path):
    source = b"[ WP ]\nb\nc \xff\nd\ne\n" + b"x" * (LONGEST_ROW + 9) + b"\ng\n"
    rows = pair(tmp_path, source, b"a\n<newline>\nc\nd\0\n[ deleted ]\nf\ng\n")
    assert [(row.origin[-1], row.field) for row in rows[:-1]] == [
        *(("1", "title"), ("2", "messages[1].content"), ("3", "source")),
        *(("4", "target"), ("5", "target"), ("6", None)),
    ]
    assert said(rows[-1]) == ["g", "g"]


@pytest.mark.parametrize(("source", "target"), [(b"a\nb\nc\nd\n", b"a\n"), (b"a\n", b"a\nb\nc\n")])
def test_files_of_different_length_say_so_once(tmp_path, source, target):
    first, odd = pair(tmp_path, source, target)
    assert said(first) == ["a", "a"]
    assert odd.origin == "train.wp_source:2"
    assert "ends before this line" in odd.reason


def test_a_pair_that_breaks_off_or_is_empty_is_one_rejection(tmp_path):
    (tmp_path / "a.source.gz").write_bytes(b"no gzip")
    (tmp_path / "a.target").write_bytes(b"x\n")
    assert "a.source.gz breaks off here" in only(writingprompts(path=str(tmp_path / "a.*"))).reason
    assert only(pair(tmp_path, b"", b"")).reason == "the file has no rows"


@pytest.mark.parametrize("name", ["train.wp_source", "train.wp_target"])
def test_a_file_without_its_partner_is_an_error(tmp_path, name):
    (tmp_path / name).write_bytes(b"x\n")
    with pytest.raises(DataError, match=r"stands without train\.wp_") as error:
        writingprompts(path=str(tmp_path / name))
    assert "train.*" in error.value.remedy
