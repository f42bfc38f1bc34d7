"""LIMA's own figures 1 and 2, from its published table."""

import re
from pathlib import Path

from thousand.report import publish_counts, read_counts
from thousand.report.counts_page import counted

LIMA = Path(__file__).parents[2] / "recipes" / "published" / "lima.csv"


def test_the_papers_first_figure_is_drawn_and_says_which_of_five_are_significant(tmp_path):
    html = publish_counts(read_counts(LIMA), tmp_path).read_text(encoding="utf-8")
    people = html[html.index("judged by people") : html.index("judged by GPT-4</h2>")]
    assert "3 of 5 differences significant at 5%" in people
    assert "no difference is shown from DaVinci003 and Bard" in people
    shown = re.findall(r">(\d\d)</text>", people[: people.index("narrow")])
    assert " ".join(shown) == "53 21 26 44 21 35 33 25 42 24 22 54 18 25 57"
    assert sorted(path.name for path in (tmp_path / "figures").glob("*.csv")) == ["wins-lima-gpt-4.csv", "wins-lima-people.csv"]


def test_each_claim_and_judge_has_a_figure_of_its_own():
    rows = read_counts(LIMA)
    odd = [each.model_copy(update={"judge": "GPT 4"}) for each in rows if each.judge == "GPT-4"]
    assert [each.figure.name for each in counted([*rows, *odd])] == ["wins-lima-people", "wins-lima-gpt-4", "wins-lima-gpt-4-2"]
