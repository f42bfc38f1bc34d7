"""The checkpoints on the page: a panel for each arm that chose, what one sees, and a warning where knowledge falls."""

from __future__ import annotations

from dataclasses import replace

import pyarrow as pa

from tests.report.synthetic import demo
from thousand import tables
from thousand.report import checkpoints
from thousand.report.page import page
from thousand.report.summarise import summarise


def chosen(kept: int, *, known: tuple[float, ...] = (1.0, 1.0, 1.0), perplexity: tuple[float | None, ...] = (2.0, 2.1, 2.3)) -> pa.Table:
    n = len(known)
    columns = {
        "epoch": range(1, n + 1),
        "rating": [3.0 + at for at in range(n)],
        "low": [2.5 + at for at in range(n)],
        "high": [3.5 + at for at in range(n)],
        "perplexity": perplexity,
        "ended": [0.9] * n,
        "limit": [0.1] * n,
        "repeats": [0.0] * n,
        "known": known,
        "forgot": [1e-4 if each < 0.9 else 1.0 for each in known],
        "chosen": [at == kept for at in range(1, n + 1)],
    }
    return pa.table({name: pa.array(columns[name], tables.CHECKPOINTS.field(name).type) for name in tables.CHECKPOINTS.names})


def with_checkpoints(*found: pa.Table):
    evidence = demo()
    first = replace(evidence.arms[0], checkpoints=dict(enumerate(found)))
    return replace(evidence, arms=[first, *evidence.arms[1:]])


def test_an_arm_that_chose_has_a_panel_and_its_numbers_on_the_page():
    evidence = with_checkpoints(chosen(3), chosen(2))
    html = page(summarise(evidence), evidence)
    assert "Which checkpoint" in html
    assert "kept 3 and 2" in html
    assert "curated-100: kept 3 and 2, of lowest perplexity 1 and 1" in html
    which = html[html.index("Which checkpoint") : html.index("The pool’s account")]
    assert which.count('<td class="text">kept</td>') == 4  # two seeds, beneath the curves and beneath the dots
    assert len(checkpoints.panels(evidence.arms)) == 1


def test_a_run_that_chose_nothing_says_nothing_of_it():
    assert "Which checkpoint" not in page(summarise(demo()), demo())


def test_without_perplexity_there_is_no_curve_of_it():
    evidence = with_checkpoints(chosen(3, perplexity=(None, None, None)))
    [panel] = checkpoints.panels(evidence.arms)
    assert "held-out perplexity" not in panel.svg()
    assert checkpoints.against(evidence.arms) == []
    assert "lowest perplexity" not in checkpoints.said(evidence.arms)


def test_perplexity_stands_against_judged_quality_with_how_far_they_go_together():
    """Ratings rise 3, 4, 5 while perplexity rises: the more perplexed, the better; with a third epoch of low perplexity ranks cross."""
    assert "curated-100 +1.00." in checkpoints.said_against(with_checkpoints(chosen(3)).arms)
    assert "curated-100 -0.50." in checkpoints.said_against(with_checkpoints(chosen(3, perplexity=(2.2, 2.3, 2.0))).arms)
    assert "does not change" in checkpoints.said_against(with_checkpoints(chosen(3, perplexity=(2.0, 2.0, 2.0))).arms)
    [panel] = checkpoints.against(with_checkpoints(chosen(3), chosen(2)).arms)
    assert "6 checkpoints" in panel.svg()
    assert checkpoints.against(with_checkpoints(chosen(1, known=(1.0, 1.0), perplexity=(2.0, 2.1))).arms) == []


def test_one_epoch_and_a_line_that_does_not_move_can_be_drawn():
    assert checkpoints.panels(with_checkpoints(chosen(1, known=(1.0,), perplexity=(2.0,))).arms)


def test_forgetting_is_a_warning_that_says_from_when_and_whether_what_was_kept_forgot():
    warned = summarise(with_checkpoints(chosen(1, known=(1.0, 0.8, 0.5)))).warnings
    assert any("curated-100 forgets from epoch 2 on (down to 50% of the questions); the epochs kept do not" in each for each in warned)
    warned = summarise(with_checkpoints(chosen(3, known=(1.0, 1.0, 0.5)))).warnings
    assert any("curated-100 forgets from epoch 3 on (down to 50% of the questions):" in each for each in warned)
    assert not any("forgets" in each for each in summarise(with_checkpoints(chosen(3))).warnings)
