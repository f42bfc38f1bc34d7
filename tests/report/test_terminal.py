import io
import re
from dataclasses import replace

import pytest
from rich.console import Console

from tests.report.rich import FEW, rich
from tests.report.synthetic import DEMO, demo
from thousand.report import across, show, show_across, summarise


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


def test_a_study_says_its_warnings_how_many_are_enough_what_failed_and_what_it_cost():
    summary, _ = rich()
    text = "\n".join(printed(summary, 160))
    assert "The judges agree little more than chance would have them (kappa 0.21)." in text
    assert "50 examples are enough: they lose at most 0.3 against 400." in text
    assert re.search(r"broken +100 .*failed", text)
    assert re.search(r"cost  3 min \d+ s   [\d,]+ tokens   [\d,]+ judgements   3.20 for judging   47 min 30 s of people's time", text)


def test_of_a_study_each_choice_has_one_line_at_the_budget_nearest_the_claims(summary):
    claim, random = summary.arms[0], summary.arm("random-100")
    variant = claim.model_copy(update={"name": "curated-25", "role": "variant", "budget": 25, "family": "curated"})
    family = [random.model_copy(update={"name": f"random-{k}", "budget": k, "examples": k, "family": "random"}) for k in (25, 90, 400)]
    others = [arm for arm in summary.arms[1:] if arm is not random]
    lines = printed(summary.model_copy(update={"arms": [claim, variant, *family, *others]}))
    assert [name for name in ("curated-25", "random-25", "random-90", "random-400") if any(line.startswith(name) for line in lines)] == [
        "random-90"
    ]
    assert "3 more, at other budgets, in the report" in lines


def test_many_notes_are_cut_and_counted(summary):
    lines = printed(summary.model_copy(update={"warnings": [f"warning {at}" for at in range(9)]}))
    assert sum(line.startswith("note") for line in lines) == 5
    assert any("and 5 more, in the report" in line for line in lines)


def test_several_runs_have_a_line_each_and_nothing_but_text_reaches_the_terminal():
    summary, evidence = rich(FEW)
    other = summary.model_copy(update={"question": summary.question.model_copy(update={"base": "lab/other"})})
    found = across({"one": summary, "t\x1b[31mwo": other}, {"one": evidence.verdicts})
    stream = io.StringIO()
    show_across(found, Console(file=stream, width=140, color_system=None))
    text = stream.getvalue()
    assert "\x1b" not in text
    assert "are not compared: the verdicts of t" in text
    assert "none is shown to be the stronger" in text
