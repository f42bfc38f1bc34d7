"""Curves over budgets: places by factors, marks that tell families apart without colour, the smallest that is enough."""

import itertools
import re

import pytest

from tests.report.rich import BUDGETS, rich
from thousand.report.figure import NARROW, WIDE
from thousand.report.quantity import numbers, quantity

NUMBER = r"[-\d.]+"


@pytest.fixture(scope="module")
def curves():
    return {curve.family: curve for curve in rich()[0].curves}


def uprights(svg, colour):
    """x of the whiskers of one colour."""
    paths = re.findall(rf'<path d="M ({NUMBER}) ({NUMBER}) \nL ({NUMBER}) ({NUMBER}) \n"[^>]*stroke: {re.escape(colour)}', svg)
    return sorted({float(a) for a, _, c, _ in paths if a == c})


def test_budgets_stand_at_equal_distances_where_each_is_twice_the_last(curves):
    x = uprights(quantity({"curated": curves["curated"]}, WIDE).svg(), "var(--accent, #0072b2)")
    assert len(x) == len(BUDGETS)
    assert [b - a for a, b in itertools.pairwise(x)] == pytest.approx([(x[-1] - x[0]) / 4] * 4, abs=0.01)


def test_a_higher_rating_stands_higher(curves):
    svg = quantity({"curated": curves["curated"]}, WIDE).svg()
    paths = re.findall(rf'<path d="M ({NUMBER}) ({NUMBER}) \nL ({NUMBER}) ({NUMBER}) \n"[^>]*stroke: var\(--accent', svg)
    tops = [min(float(b), float(d)) for a, b, c, d in sorted(paths, key=lambda each: float(each[0])) if a == c]
    assert tops == sorted(tops, reverse=True)


@pytest.mark.parametrize("width", [WIDE, NARROW])
def test_equal_steps_are_dashed_and_every_family_is_named(curves, width):
    canvas = quantity(curves, width)
    svg = canvas.svg()
    for name in curves:
        assert f">{name}</text>" in svg
    assert svg.count("stroke-dasharray") == 1  # the family at equal steps; a fit or a line of equal epochs is solid
    assert "by the number of examples" in canvas.title


def test_the_smallest_that_is_enough_is_ringed_and_only_where_one_is(curves):
    def rings(curve):
        return quantity({"it": curve}, WIDE).svg().count("stroke-width: 1.6")

    enough = curves["curated"]
    assert rings(enough) > rings(enough.model_copy(update={"smallest": None}))


def test_one_budget_and_net_wins_can_be_drawn(curves):
    curve = curves["random"]
    one = curve.model_copy(update={"points": curve.points[:1], "fit": None})
    assert quantity({"one": one}, WIDE).svg().startswith("<svg")
    points = [point.model_copy(update={"value": -0.25, "interval": (-0.4, -0.1)}) for point in curve.points]
    net = {"net": curve.model_copy(update={"unit": "net", "points": points, "fit": None})}
    assert "−25" in quantity(net, WIDE).svg()
    assert numbers(net).rows[0][7:10] == [-25.0, -40.0, -10.0]
