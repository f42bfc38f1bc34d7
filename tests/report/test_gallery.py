"""Every figure has the numbers that are drawn in its table, and a name of its own."""

import re

import pytest

from tests.report.rich import FEW, rich
from thousand.report.figure import Figure, Table, apart
from thousand.report.gallery import gallery


@pytest.fixture(scope="module")
def found():
    return gallery(*rich())


def words(canvas):
    return re.findall(r">([^<>]*)</text>", canvas.svg())


def columns(figure, *names):
    return [[row[figure.table.columns.index(name)] for name in names] for row in figure.table.rows]


def test_a_study_has_every_figure_and_no_two_have_one_name(found):
    names = [figure.name for figure in found.every()]
    assert len(set(names)) == len(names)
    assert {
        "wins-people",
        "net-people",
        "wins-oracle",
        "wins-gpt",
        "wins-people-correct",
        "ratings",
        "quantity-people",
        "choice",
        "knowledge",
    } <= set(names)
    assert {"checkpoints", "perplexity", "shift", "pool", "map", "coverage", "lengths", "sources", "agreement", "cost"} <= set(names)
    assert [each.judge for each in found.wins if each.criterion == "overall"] == ["people", "oracle", "gpt"]


def test_shares_of_the_bars_are_those_of_the_table(found):
    bars = found.wins[0].bars
    shown = [int(word) for word in words(bars.wide[0]) if re.fullmatch(r"\d+", word)]
    told = [share for row in columns(bars, "Wins, %", "Ties, %", "Losses, %") for share in row if share > 6.5]
    assert len(told) <= len(shown) <= len(told) + 5  # those that have room in their bar: from six hundredths on, as they are rounded
    assert all(min(abs(each - share) for share in shown) <= 1 for each in told)


def test_arms_that_were_judged_on_fewer_prompts_are_not_said_to_be_on_all():
    summary, evidence = rich(FEW)
    least = next(each for each in summary.comparisons if each.judge == "people" and each.criterion == "overall")
    fewer = [each.model_copy(update={"n": 40}) if each is least else each for each in summary.comparisons]
    caption = next(each.bars.caption for each in gallery(summary.model_copy(update={"comparisons": fewer}), evidence).wins)
    assert "By people, over 40 to 100 prompts." in caption


def test_net_wins_stand_over_the_noise_and_only_what_clears_it_is_coloured(found):
    net = found.wins[0].net
    low, high = columns(net, "Low", "High")[-1]
    assert (net.table.rows[-1][0], low, high) == ("noise", -7.0, 7.0)
    coloured = net.wide[0].svg().count('style="fill: none; stroke: var(--win, #0072b2)')
    clear = [row for row in columns(net, "Low", "High")[:-1] if row[0] > high or row[1] < low]
    assert coloured == len(clear)
    assert 0 < len(clear) < len(net.table.rows) - 1


@pytest.mark.parametrize("name", ["ratings", "choice"])
def test_ratings_are_drawn_as_they_are_told(found, name):
    figure = found.others[name]
    shown = [float(word) for word in words(figure.wide[0]) if re.fullmatch(r"\d\.\d", word)]
    assert shown == pytest.approx([rating for (rating,) in columns(figure, "Rating")], abs=0.0501)


def test_every_point_of_a_curve_is_in_its_table_and_its_fit_too(found):
    """limit 5.8, drop 1.6, rate 0.9 from 25 examples on: 5.8 - 1.6 * 2 ** -0.9 = 4.9426 at 50."""
    figure = found.others["quantity-people"]
    assert columns(figure, "Family", "Examples", "Value", "Fit")[1] == ["curated", 50, 5.0, 4.9426]
    assert len(figure.table.rows) == 15
    assert [row[0] for row in columns(figure, "Enough") if row[0]] == ["yes"]


def test_what_was_not_measured_has_no_figure():
    from tests.report.synthetic import demo
    from thousand.report import summarise

    bare = demo(picture=None)
    names = set(gallery(summarise(bare), bare).others)
    assert not {"map", "checkpoints", "quantity-oracle", "shift", "agreement"} & names


def test_judges_that_differ_in_signs_alone_have_files_of_their_own():
    figures = [Figure("wins-a-b", "", [], None, Table([], []))] * 3
    assert [each.name for each in apart(figures, ["wins-a-b-2"])] == ["wins-a-b", "wins-a-b-3", "wins-a-b-4"]
