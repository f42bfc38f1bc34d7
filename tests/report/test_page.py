import itertools
import re
from dataclasses import replace
from html.parser import HTMLParser

import pyarrow as pa
import pytest

from tests.report.rich import FEW, rich
from tests.report.synthetic import DEMO, POOL, demo, picture
from thousand import tables
from thousand.report import page, report, summarise
from thousand.report.gallery import gallery
from thousand.report.page import headline, hostile

EVIL = "</p><script>alert(1)</script><img src=x onerror=alert(2)> {{ 7*7 }} javascript:alert(3) \u202e\x00\x1b[31m"
VOID_TAGS = {"meta", "br", "img", "link", "input", "hr"}


class Reader(HTMLParser):
    """Tags in order, and whether each is closed where it should be."""

    def __init__(self, text):
        super().__init__()
        self.tags, self.attributes, self.open, self.words = [], [], [], []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += [(tag, name, value) for name, value in attrs]
        if tag not in VOID_TAGS:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += [(tag, name, value) for name, value in attrs]

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.words.append(data)


@pytest.fixture(scope="module")
def evidence():
    """Four arms: enough for every section that a plain run has."""
    return demo((*DEMO[:3], DEMO[7]))


@pytest.fixture(scope="module")
def html(evidence):
    return page(summarise(evidence), evidence)


@pytest.fixture(scope="module")
def study():
    """A page with everything on it."""
    return page(*rich(FEW))


@pytest.fixture(scope="module")
def hostile_html():
    """A study in which every text that others wrote attacks the page."""
    summary, evidence = rich(FEW)
    rows = evidence.claim.answers[0].to_pylist()
    answers = pa.Table.from_pylist([{**row, "answer": EVIL, "prompt": EVIL} for row in rows], tables.ANSWERS)
    picks = evidence.claim.selections[0].to_pylist()
    turns = [{"role": "user", "content": EVIL}, {"role": "assistant", "content": EVIL}]
    selection = pa.Table.from_pylist(
        [{**row, "messages": turns, **dict.fromkeys(("reason", "source", "origin", "licence"), EVIL)} for row in picks], tables.SELECTION
    )
    claim = replace(evidence.claim, answers={0: answers}, selections=[selection])
    pool = POOL.model_copy(update={"rejected": {EVIL: 3}, "sources": {EVIL: 9}, "licences": {EVIL: 1}, "reasons": {EVIL: 2}})
    attacked = replace(
        evidence,
        arms=[claim, *evidence.arms[1:]],
        pool=pool,
        picture=picture(sources=(EVIL, "other")),
        people=[EVIL],
        reviewed=[replace(each, who=EVIL) for each in evidence.reviewed],
    )
    return page(_attacked(summary, pool), attacked)


def _attacked(summary, pool):
    """Whatever in a summary is text that others may have written."""
    named = {"judge": EVIL}
    return summary.model_copy(
        update={
            "pool": pool,
            "verdict": summary.verdict.model_copy(
                update={
                    "sentence": EVIL,
                    "knowledge": EVIL,
                    "warnings": [EVIL],
                    "set_aside": [EVIL],
                    "by_judge": {EVIL: "cannot tell", "b": "cannot tell"},
                }
            ),
            "question": summary.question.model_copy(update={"base": EVIL, "judges": [EVIL]}),
            "warnings": [EVIL],
            "arms": [arm.model_copy(update={"failed": EVIL}) if arm.failed else arm for arm in summary.arms],
            "comparisons": [each.model_copy(update=named) for each in summary.comparisons if each.judge == "people"],
            "curves": [curve.model_copy(update={**named, "sentence": EVIL, "notes": [EVIL]}) for curve in summary.curves],
            "noise": [each.model_copy(update=named) for each in summary.noise],
            "agreement": [each.model_copy(update={"first": EVIL, "second": EVIL}) for each in summary.agreement],
            "biases": [each.model_copy(update=named) for each in summary.biases],
            "shift": summary.shift.model_copy(
                update={"most_shifted": [each.model_copy(update={"token": EVIL}) for each in summary.shift.most_shifted]}
            ),
            "cost": summary.cost.model_copy(update={"by_arm": [each.model_copy(update={"reason": EVIL}) for each in summary.cost.by_arm]}),
        }
    )


@pytest.mark.parametrize("which", ["html", "study"])
def test_tags_are_closed_and_headings_stand_in_order(which, request):
    reader = Reader(request.getfixturevalue(which))
    assert reader.open == []
    levels = [int(tag[1]) for tag in reader.tags if re.fullmatch(r"h[1-6]", tag)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in itertools.pairwise(levels))


def test_the_page_needs_nothing_from_anywhere(study):
    html = study
    reader = Reader(html)
    assert "script" not in reader.tags
    assert not {"link", "iframe", "img", "object"} & set(reader.tags)
    loads = [
        value for tag, name, value in reader.attributes if name in ("src", "href", "xlink:href", "srcset") and not value.startswith("#")
    ]
    assert loads == []
    assert "@import" not in html
    assert "default-src 'none'" in html


def test_the_verdict_comes_first_and_its_warnings_with_it(study):
    text = re.sub(r"<style>.*?</style>|<title>.*?</title>", "", study, flags=re.DOTALL)
    order = [
        "Cannot tell.",
        "100 curated examples beat every baseline that was judged",
        "The judges agree little more than chance",
        "lab/base",
    ]
    order += [
        "Before you believe it",
        "The arms",
        "Arms that failed",
        "Wins, ties and losses",
        "By people",
        "By oracle",
        "who does not decide",
    ]
    order += ["On correctness alone", "How many are enough", "What the choice is worth", "What was known", "How much alignment changed"]
    order += [
        "Which checkpoint",
        "Perplexity against judged quality",
        "The pool’s account",
        "The choice</h2>",
        "What people did",
        "Contamination",
    ]
    order += ["The judges</h2>", "How far they agree", "What they lean on", "What it cost", "Answers side by side", "Drawn at random"]
    order += ["did best", "did worst", "The examples chosen", "How the numbers are made", "How to make it again"]
    places = [text.index(words) for words in order]
    assert places == sorted(places)


def test_every_figure_has_its_numbers_in_a_table_beneath_it(study):
    summary, evidence = rich(FEW)
    every = gallery(summary, evidence).every()
    assert len(every) > 15
    beneath = re.findall(r"</figcaption>\n</figure>\n<details class=\"numbers\">.*?<tbody>(.*?)</tbody>", study, re.DOTALL)
    assert sorted(body.count("<tr>") for body in beneath) == sorted(
        min(len(each.table.rows), 20 if each.name == "map" else 120) for each in every
    )
    assert study.count("<figure>") == len(beneath)


def test_an_arm_that_failed_says_why_and_people_are_named(study):
    assert "<strong>broken</strong> has no model: the loss became NaN at step 12" in study
    assert re.search(r"Anna Weber</th><td>41</td><td>6</td><td>3</td><td>1</td><td>2</td>", study)
    assert "About 2 examples they differ" in study
    assert "47 min 30 s of people’s time" in study


def test_tables_have_captions_and_figures_names(study):
    reader = Reader(study)
    assert reader.tags.count("table") == reader.tags.count("caption") > 5
    labelled = [value for tag, name, value in reader.attributes if tag == "svg" and name == "aria-label" and value]
    assert len(labelled) == reader.tags.count("svg") > 8


def test_text_of_others_cannot_reach_the_page(hostile_html):
    reader = Reader(hostile_html)
    assert "script" not in reader.tags
    assert "img" not in reader.tags
    assert "a" not in reader.tags
    assert not any(name.startswith("on") for _, name, _ in reader.attributes)
    assert "{{ 7*7 }}" in hostile_html
    assert "\u202e" not in hostile_html
    assert "\x00" not in hostile_html
    assert "\x1b" not in hostile_html


def test_hostile_text_keeps_its_words_and_lines():
    assert hostile("two\nlines\tand ﬁgures 日本") == "two\nlines\tand ﬁgures 日本"
    assert hostile("a\u202eb") == "a\N{REPLACEMENT CHARACTER}b"
    assert len(hostile("x" * 10_000)) == 2001


@pytest.mark.parametrize(
    ("sentence", "lead"),
    [
        ("Less was more. 100 curated examples beat every baseline (+1.5).", "Less was more."),
        (
            "No difference shown between a-1 and b-1 (net win +3.5 points).",
            "No difference shown between a-1 and b-1 (net win +3.5 points).",
        ),
        ("Contaminated: 3 examples hold a test prompt. Less was more.", "Contaminated:"),
    ],
)
def test_the_headline_is_the_answer(sentence, lead):
    assert headline(sentence)[0] == lead
    assert " ".join(headline(sentence)).strip() == sentence


def test_what_was_set_aside_stands_above_the_arms():
    plans = [replace(plan, keeps=0.2) if plan.name == "all-one-epoch" else plan for plan in (DEMO[0], DEMO[5], DEMO[7])]
    evidence = demo(plans)
    html = page(summarise(evidence), evidence)
    assert html.index("all-one-epoch kept 20% of what the base knew: it shows forgetting") < html.index("The arms")


def test_what_is_enough_is_said_of_a_family_by_name_and_at_the_top_of_the_claims_own(study):
    summary, evidence = rich(FEW)
    beneath = study[study.index("<h2>How many are enough") :]
    assert "<li>curated, by people: 50 examples are enough" in beneath
    assert "<li>random, by people: The data cannot tell" in beneath
    head = study[: study.index("</header>")]
    assert "50 examples are enough" in head
    alone = summary.model_copy(update={"arms": [summary.arms[0].model_copy(update={"family": None}), *summary.arms[1:]]})
    head = page(alone, evidence).partition("</header>")[0]
    assert "are enough" not in head
    assert "The data cannot tell" not in head


@pytest.mark.parametrize("missing", ["verdicts", "knowledge", "answers", "selection", "picture"])
def test_a_page_is_written_whatever_is_missing(evidence, missing):
    bare = {
        "verdicts": replace(evidence, verdicts=evidence.verdicts.slice(0, 0), judges=[]),
        "knowledge": replace(evidence, base_knowledge=None, arms=[replace(arm, knowledge={}) for arm in evidence.arms]),
        "answers": replace(evidence, arms=[replace(arm, answers={}) for arm in evidence.arms]),
        "selection": replace(evidence, arms=[replace(arm, selections=()) for arm in evidence.arms]),
        "picture": replace(evidence, picture=None),
    }[missing]
    assert Reader(page(summarise(bare), bare)).open == []


def test_the_choice_is_drawn_for_each_arm_and_told_beneath(evidence, html):
    choice = html[html.index("<h2>The choice</h2>") : html.index("<h2>Contamination</h2>")]
    assert re.findall("<h3>(.*?)</h3>", choice) == ["Where the picks lie", "What they cover", "How long they are", "Where they are from"]
    assert choice.count("<svg") == 3 + 2 + 3 + 3  # the curves once for a wide page and once for a narrow one
    assert len(re.findall("<figcaption>[^<]{80,}</figcaption>", choice)) == 4
    alone = replace(evidence, picture=picture(sources=("one",)))
    assert "Where they are from" not in page(summarise(alone), alone)


def test_report_writes_the_same_page_figures_card_and_data_again(tmp_path):
    evidence = demo((DEMO[0], DEMO[7]), picture=picture(("curated-100",), sources=("one",)))
    summary = report(evidence, tmp_path)
    assert summary.report == str(tmp_path / "report.html")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["CARD.md", "dataset", "figures", "report.html"]
    first = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    report(evidence, tmp_path)
    assert {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()} == first
