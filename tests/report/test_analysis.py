"""Any table of verdicts by itself: wins, biases, strengths, agreement, and answers that are not what their names say."""

from __future__ import annotations

import json
from dataclasses import asdict

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from thousand import tables
from thousand.report import analyse, tell


def row(prompt: int, a: str, b: str | None = None, said: str | float | None = None, order: str | None = None, judge: str = "j", **more):
    given = {"prompt_id": f"p{prompt}", "sample": 0, "judge": judge, "criterion": "overall", "a": a, "a_seed": 0}
    given |= {"b": b, "b_seed": 0, "verdict": said, "order": order} if b else {"rating": said}
    return given | more


def table(*rows) -> pa.Table:
    return pa.Table.from_pylist(list(rows), tables.VERDICTS)


def answers(**texts: list[str]) -> dict[tuple[str, int], pa.Table]:
    return {
        (arm, 0): pa.Table.from_pylist(
            [{"prompt_id": f"p{i}", "sample": 0, "prompt": f"{i}?", "answer": each} for i, each in enumerate(said)], tables.ANSWERS
        )
        for arm, said in texts.items()
    }


def both(prompt: int, first: str, second: str, judge: str = "j") -> list[dict[str, object]]:
    """A pair in both orders: what the judge said when a was shown first, and when b was."""
    return [row(prompt, "x", "y", first, "ab", judge), row(prompt, "x", "y", second, "ba", judge)]


def test_orders_that_disagree_are_a_tie_and_a_flip():
    rows = [*both(0, "a", "a"), *both(1, "b", "b"), *both(2, "a", "b"), *both(3, "tie", "tie")]
    [duel] = analyse(table(*rows)).duels
    assert (duel.wins.win.value, duel.wins.tie.value, duel.wins.lose.value) == (0.25, 0.5, 0.25)
    assert duel.wins.net.n == 4
    assert duel.bias.flips.value == 0.25
    assert duel.bias.flips.n == 4
    assert duel.bias.ties.value == 0.25
    assert duel.bias.first.value == pytest.approx(4 / 6)  # of six choices two fell on the second: p0's and p1's other orders


def test_a_judge_that_likes_what_is_first_is_seen():
    rows = [each for at in range(20) for each in both(at, "a", "b")]
    [duel] = analyse(table(*rows)).duels
    assert duel.bias.first.value == 1
    assert duel.bias.flips.value == 1
    assert duel.wins.tie.value == 1


def test_a_judge_that_likes_length_is_seen_where_the_answers_are_at_hand():
    generator = np.random.default_rng(0)
    long, short = ["word " * int(n) for n in generator.integers(2, 40, 60)], ["word " * int(n) for n in generator.integers(2, 40, 60)]
    said = ["a" if len(x) > len(y) else "b" if len(y) > len(x) else "tie" for x, y in zip(long, short, strict=True)]
    rows = [each for at, choice in enumerate(said) for each in both(at, choice, choice)]
    [duel] = analyse(table(*rows), answers(x=long, y=short)).duels
    assert duel.bias.longer.value == 1
    [blind] = analyse(table(*rows)).duels
    assert blind.bias.longer.value is None
    assert "not at hand" in blind.bias.at_equal_length.reason
    assert blind.wins == duel.wins


def test_whichever_arm_a_row_calls_a_the_first_that_occurs_is_the_claim():
    rows = [row(0, "x", "y", "a", "ab"), row(1, "y", "x", "b", "ab"), row(2, "y", "x", "a", "ba")]
    [duel] = analyse(table(*rows)).duels
    assert (duel.a, duel.b) == ("x", "y")
    assert (duel.wins.win.value, duel.wins.lose.value) == (pytest.approx(2 / 3), pytest.approx(1 / 3))
    assert duel.bias.first.value == pytest.approx(1 / 3)  # x was first and won, y was first and lost, x was first and lost
    assert duel.bias.flips.value is None


def test_ratings_are_means_and_duels_of_every_two_arms_with_holms_correction():
    rows = [row(at, arm, said=rating) for at in range(12) for arm, rating in (("x", 5.0), ("y", 4.0 + at % 2), ("z", 1.0))]
    found = analyse(table(*rows))
    assert [(mean.arm, mean.rating.value) for mean in found.means] == [("x", 5.0), ("y", 4.5), ("z", 1.0)]
    assert [(duel.a, duel.b, duel.kind) for duel in found.duels] == [("x", "y", "rating"), ("x", "z", "rating"), ("y", "z", "rating")]
    assert all(duel.p_holm >= duel.p and duel.bias is None for duel in found.duels)
    assert found.duels[1].wins.win.value == 1
    assert list(found.strengths["j"]) == ["x", "y", "z"]
    assert all(each.value is None and "never lost" in each.reason for each in found.strengths["j"].values())


def test_strengths_need_three_arms_and_follow_who_beats_whom():
    generator = np.random.default_rng(1)
    rows = []
    for at in range(80):
        for a, b, chance in (("x", "y", 0.7), ("y", "z", 0.7), ("x", "z", 0.85)):
            rows.append(row(at, a, b, "a" if generator.random() < chance else "b", "ab"))
    strengths = analyse(table(*rows)).strengths["j"]
    assert strengths["x"].value > strengths["y"].value > strengths["z"].value
    assert sum(each.value for each in strengths.values()) == pytest.approx(0, abs=1e-9)
    assert analyse(table(*both(0, "a", "a"))).strengths == {}


def test_judges_of_pairs_and_raters_agree_about_the_same_pairs():
    pairs = [each for at, said in enumerate("abab") for each in both(at, said, said, "person")]
    ratings = [
        row(at, arm, said=value, judge="model") for at in range(4) for arm, value in (("x", 3.0), ("y", 2.0 if at % 2 == 0 else 3.0))
    ]
    found = analyse(table(*pairs, *ratings))
    [agreed] = found.agreement
    assert {agreed.first, agreed.second} == {"person", "model"}
    assert agreed.tie_discounted.value == 0.75  # two alike, two ties against a choice
    assert agreed.strict.value == 0.5
    assert agreed.without_ties.value == 1
    assert found.alpha.value is not None


def test_what_could_not_be_read_is_counted_and_not_guessed():
    found = analyse(table(*both(0, "a", "a"), row(1, "x", "y", None, "ab"), row(1, "x", "y", "a", "ba"), row(2, "x", said=None)))
    assert found.unread == 2
    [duel] = found.duels
    assert (duel.unread, duel.wins.net.n) == (1, 1)
    [mean] = found.means
    assert mean.rating.value is None
    assert "read" in mean.rating.reason


def test_one_file_under_two_names_and_one_answer_to_everything_are_pointed_out():
    texts = [f"answer {at}" for at in range(12)]
    rows = [each for at in range(12) for each in both(at, "tie", "tie")]
    assert analyse(table(*rows), answers(x=texts, y=texts)).alike == ["x and y give the same answer to 100% of the prompts."]
    [said] = analyse(table(*rows), answers(x=texts, y=["always this"] * 12)).alike
    assert said == "y gives one and the same answer to 100% of the prompts."
    assert analyse(table(*rows), answers(x=texts, y=[each[::-1] for each in texts])).alike == []


@settings(deadline=None, max_examples=40)
@given(
    st.lists(
        st.tuples(
            st.integers(0, 4),
            st.sampled_from(["x", "y", "z"]),
            st.sampled_from(["a", "b", "tie", None]),
            st.sampled_from(["ab", "ba", None]),
        ),
        max_size=12,
    )
)
def test_any_table_of_verdicts_can_be_told_and_written_as_json(rows):
    found = analyse(table(*(row(prompt, "w", other, said, order) for prompt, other, said, order in rows)))
    assert tell(found).startswith(f"{len(rows):,} verdicts")
    assert "NaN" not in json.dumps(asdict(found), allow_nan=False)
