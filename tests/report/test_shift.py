"""Token-distribution shift on the page: shares over tokens with intervals over prompts, by position, and the tokens that are new."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from thousand import tables
from thousand.report import shift

FIRST = [("Sure", "shifted", 9, 4.0), (" it", "marginal", 2, 0.5), (" is", "unshifted", 1, 0.1), (" so", "unshifted", 1, 0.0)]


def answer(prompt: str, *said: tuple[str, str | None, int | None, float | None], ended: bool = True) -> list[dict]:
    rows = [
        {"prompt_id": prompt, "position": i + 1, "token": token, "kind": kind, "rank": rank, "kl": kl, "probability": rank and 1 / rank}
        for i, (token, kind, rank, kl) in enumerate(said)
    ]
    return rows + ([{"prompt_id": prompt, "position": len(rows) + 1, "kind": "end"}] if ended else [])


def table(*rows: list[dict]) -> pa.Table:
    return pa.Table.from_pylist([row for some in rows for row in some], tables.SHIFT)


def test_shares_are_of_tokens_and_the_end_of_turn_is_counted_apart():
    found = shift.measured(table(answer("a", *FIRST), answer("b", *FIRST[:2], ended=False)))
    assert (found.tokens, found.prompts, found.seeds, found.ended) == (6, 2, 1, 1)
    assert (found.unshifted.value, found.marginal.value, found.shifted.value) == pytest.approx((2 / 6, 2 / 6, 2 / 6))
    assert found.kl.value == pytest.approx((4.0 + 0.5 + 0.1 + 4.0 + 0.5) / 6)
    assert found.probability == pytest.approx((1 / 9 + 1 / 2 + 1 + 1 + 1 / 9 + 1 / 2) / 6)
    assert found.unshifted.n == 2


def test_positions_are_ranges_each_as_long_as_all_before_it():
    said = [("x", "unshifted", 1, 0.0)] * 9
    bands = shift.measured(table(answer("a", FIRST[0], *said), answer("b", FIRST[0], *said[:4]))).by_position
    assert [(each.first, each.last, each.tokens) for each in bands] == [(1, 1, 2), (2, 2, 2), (3, 4, 4), (5, 8, 5), (9, 10, 2)]
    assert [each.shifted for each in bands] == [1.0, 0.0, 0.0, 0.0, 0.0]
    assert bands[0].kl == 4.0


def test_the_tokens_that_are_new_most_often_come_first_with_their_counts():
    found = shift.measured(
        table(*(answer(name, *FIRST, ("Sure", "unshifted", 1, 0.0)) for name in "abc"), answer("d", (" it", "shifted", 7, 1.0)))
    )
    assert [(each.token, each.times, each.shifted) for each in found.most_shifted] == [("Sure", 6, 3), (" it", 4, 1)]


def test_intervals_resample_prompts_with_all_their_tokens_and_seeds():
    """A hundred tokens of one answer are all shifted or none: the interval is that of the prompts, however many tokens and seeds."""
    rng = np.random.default_rng(0)
    rows = [
        answer(f"p{i}", *[("x", *(("shifted", 9, 1.0) if new else ("unshifted", 1, 0.0)))] * 100)
        for i, new in enumerate(rng.random(40) < 0.5)
    ]
    one = table(*rows)
    two = pa.concat_tables([one.append_column("seed", pa.array([seed] * one.num_rows)) for seed in (0, 1)])
    few, many = shift.measured(one), shift.measured(two)
    assert (few.seeds, many.seeds) == (1, 2)
    low, high = few.shifted.interval
    assert high - low == pytest.approx(2 * 1.96 * np.sqrt(0.25 / 39), rel=0.1)  # not of 4,000 tokens: that would be a tenth of it
    assert many.shifted.interval == pytest.approx(few.shifted.interval)


def test_what_was_not_measured_is_counted():
    odd = [{"prompt_id": "c", "reason": "the answer is empty"}]
    found = shift.measured(table(answer("a", ("S", None, None, None), *FIRST[1:]), answer("b", *FIRST), odd))
    assert (found.unmeasured, found.unmatched, found.tokens, found.prompts) == (1, 1, 7, 2)
    assert "1 token at the start of answers" in shift.said(found)
    assert "1 answer could not be measured" in shift.said(found)
    assert shift.measured(table(odd)) is None


def test_where_the_models_have_other_tokens_there_is_no_divergence():
    found = shift.measured(table(answer("a", ("S", "shifted", 8, None)), answer("b", ("S", "shifted", 8, None))))
    assert (found.kl.value, found.by_position[0].kl) == (None, None)
    assert found.kl.reason
    assert len(shift.panels(found)) == 2


def test_the_figure_and_its_numbers_say_the_same_and_text_is_escaped():
    found = shift.measured(table(answer("a", ("<script>", "shifted", 9, 2.0), *FIRST), answer("b", *FIRST)))
    rows = shift.rows(found)
    assert len(rows.rows) == len(found.by_position)
    assert rows.rows[0][:6] == [1, 1, 2, 0.0, 0.0, 100.0]
    assert all("<script>" not in each.svg() for each in shift.panels(found))
    assert shift.tokens(found).rows[0] == ["Sure", 2, 2]
    assert shift.shown(" a\n") == "␣a↵"
    assert "Of 9 tokens of greedy answers to 2 prompts" in shift.said(found)
