import io
from dataclasses import replace

import pytest
from rich.console import Console

from tests.report.synthetic import DEMO, demo
from thousand.report import show, summarise


@pytest.fixture(scope="module")
def summary():
    return summarise(demo()).model_copy(update={"report": "runs/lab/report.html"})


def printed(summary, width=100, **options):
    stream = io.StringIO()
    show(summary, Console(file=stream, width=width, color_system=None, **options))
    return stream.getvalue().rstrip("\n").split("\n")


@pytest.mark.parametrize("width", [100, 110, 120, 200])
def test_the_table_lines_up_at_any_width(summary, width):
    lines = printed(summary, width)
    rows = [next(line for line in lines if line.startswith(arm.name)) for arm in summary.arms]
    assert all(len(line) <= width for line in lines)
    assert len({line.rstrip().endswith("%") and len(line.rstrip()) for line in rows}) == 1
    slashes = {tuple(at for at, letter in enumerate(line) if letter == "/") for line in rows[1:]}
    assert len(slashes) == 1


def test_question_first_and_the_path_of_the_report_last(summary):
    lines = printed(summary, 120)
    assert lines[1] == "Was less more?      pool 5,003   base lab-1.6M   100 prompts   3 seeds   judge: oracle"
    assert lines[-1] == "report  runs/lab/report.html"
    assert any(line.startswith("Less was more. 100 curated examples beat every baseline") for line in lines)


def test_no_colour_codes_where_there_is_no_colour(summary):
    assert "\x1b" not in "\n".join(printed(summary))


def test_void_arms_and_warnings_are_said():
    plans = [replace(plan, keeps=0.2) if plan.name == "all-one-epoch" else plan for plan in DEMO]
    text = "\n".join(printed(summarise(demo(plans)), 120))
    assert "void" in next(line for line in text.split("\n") if line.startswith("all-one-epoch "))
    assert "all-one-epoch kept 20% of what the base knew: it shows forgetting, not quantity." in text
    assert "note  One seed of all-one-epoch" in text


def test_a_run_without_verdicts_prints():
    evidence = demo()
    lines = printed(summarise(replace(evidence, verdicts=evidence.verdicts.slice(0, 0), judges=[])))
    assert "Cannot tell. Nothing was judged." in lines


def test_markup_in_a_name_is_printed_as_it_is(summary):
    odd = summary.model_copy(update={"question": summary.question.model_copy(update={"base": "[red]x[/red]"})})
    assert "base [red]x[/red]" in printed(odd, 120)[1]
