"""Any table of verdicts by itself: wins, biases, strengths, agreement, and answers that are not what their names say."""

from __future__ import annotations

import json
from dataclasses import asdict
from itertools import combinations

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from thousand import tables
from thousand.report import analyse, arrays, tell


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


def test_judges_who_saw_other_samples_or_seeds_share_nothing():
    def seen(judge: str, **more: int) -> list[dict[str, object]]:
        return [row(at, "x", "y", "a", "ab", judge, **more) for at in range(3)]

    assert analyse(table(*seen("one"), *seen("two", sample=1))).agreement == []
    assert analyse(table(*seen("one"), *seen("two", a_seed=1))).agreement == []
    [agreed] = analyse(table(*seen("one"), *seen("two", sample=1), *seen("two"))).agreement
    assert (agreed.strict.value, agreed.strict.n) == (1, 3)


def test_a_rater_and_a_comparer_meet_on_the_same_sample_of_both_arms():
    """The rater's other pairs of samples are nothing that the comparer saw."""
    samples = [(0, 5.0, 1.0, "a"), (1, 1.0, 5.0, "b"), (2, 3.0, 3.0, "a")]
    pairs = [row(at, "x", "y", said, "ab", "person", sample=sample) for at in range(2) for sample, _, _, said in samples]
    ratings = [
        row(at, arm, said=rating, judge="model", sample=sample)
        for at in range(2)
        for sample, ours, theirs, _ in samples
        for arm, rating in (("x", ours), ("y", theirs))
    ]
    found = analyse(table(*pairs, *ratings))
    [agreed] = found.agreement
    assert (agreed.strict.n, agreed.strict.value, agreed.tie_discounted.value) == (6, pytest.approx(2 / 3), pytest.approx(5 / 6))
    assert found.alpha.n == 6


def test_judges_agree_about_what_both_saw_though_one_saw_more_seeds():
    one = [row(at, "x", "y", "ab"[at % 2], "ab", "one", a_seed=seed) for at in range(4) for seed in (0, 1)]
    two = [row(at, "y", "x", "ba"[at % 2], "ab", "two", b_seed=1) for at in range(4)]
    [agreed] = analyse(table(*one, *two)).agreement
    assert (agreed.strict.value, agreed.strict.n) == (1, 4)


@settings(deadline=None, max_examples=25)
@given(st.lists(st.tuples(*[st.integers(0, 2)] * 4, st.sampled_from(["a", "b", "tie"])), min_size=1, max_size=10), st.data())
def test_a_judge_agrees_with_itself_on_exactly_the_items_that_both_copies_hold(rows, data):
    once = {each[:4]: each[4] for each in rows}
    kept = data.draw(st.lists(st.sampled_from(list(once)), unique=True, min_size=1))

    def said(judge: str, keys: list[tuple[int, ...]]) -> list[dict[str, object]]:
        return [row(key[0], "x", "y", once[key], "ab", judge, a_seed=key[1], b_seed=key[2], sample=key[3]) for key in keys]

    [agreed] = analyse(table(*said("one", list(once)), *said("two", kept))).agreement
    assert (agreed.strict.value, agreed.strict.n) == (1, len(kept))


@pytest.mark.parametrize("kind", ["pair", "rating"])
def test_an_arm_against_itself_is_the_noise_of_its_seeds(kind):
    generator = np.random.default_rng(0)
    if kind == "pair":
        rows = [row(at, "x", "x", str(generator.choice(["a", "b", "tie"])), "ab", b_seed=1) for at in range(40)]
    else:
        rows = [row(at, "x", said=float(generator.integers(1, 6)), a_seed=seed) for at in range(40) for seed in (0, 1)]
    found = analyse(table(*rows))
    [noise] = found.noise
    assert (noise.arm, noise.judge, noise.criterion, noise.kind, noise.seeds) == ("x", "j", "overall", kind, 2)
    assert noise.net.value == pytest.approx(0)
    assert noise.net.interval.high == pytest.approx(-noise.net.interval.low) and noise.net.interval.high > 0.1
    assert noise.net.n == 40
    assert found.duels == []
    assert "x against itself, 2 seeds" in tell(found)


def test_one_seed_has_no_noise():
    assert analyse(table(*both(0, "a", "a"), row(0, "x", said=1.0))).noise == []


def test_the_variance_of_ratings_is_split():
    rows = [row(at, "x", said=float(at % 5 + sample), sample=sample) for at in range(20) for sample in (0, 1)]
    found = analyse(table(*rows))
    [mean] = found.means
    assert mean.variance.sampling.value == pytest.approx(0.5)
    assert mean.variance.prompt.value == pytest.approx(2 * 20 / 19 - 0.5 / 2)  # of the prompts' means, less what two samples leave
    assert mean.variance.seed.value is None
    assert "variance: prompt 1.86, sampling 0.50" in tell(found)


def test_the_place_in_which_an_answer_stands_is_weighed_over_all_verdicts():
    rows = [*both(0, "a", "b"), *both(1, "tie", "tie"), *both(2, "a", "a")]
    [duel] = analyse(table(*rows)).duels
    assert duel.bias.position.value == pytest.approx(2 / 6)
    assert "net +33" in tell(analyse(table(*rows)))


def test_how_many_prompts_the_difference_seen_or_five_points_need():
    def of(*said: str):
        return analyse(table(*(row(at, "x", "y", each, "ab") for at, each in enumerate(said)))).duels[0]

    clear, even = of(*"aaab" * 10), of(*"ab" * 20)
    assert (clear.difference, even.difference) == (0.5, 0.05)
    assert clear.needs.value < 40 < 1000 < even.needs.value
    alone = of("a")
    assert (alone.difference, alone.needs.value) == (1, None)
    assert "variance" in alone.needs.reason


def test_few_kinds_of_ratings_are_told_as_shares():
    rows = [row(at, "x", said=float(rating)) for at, rating in enumerate([2] * 4 + [1] * 3 + [0])] + [row(0, "y", said=2.0)]
    found = analyse(table(*rows))
    x, y = found.means
    assert [(each.rating, each.share.value) for each in x.shares] == [(2, 0.5), (1, 0.375), (0, 0.125)]
    assert [(each.rating, each.share.value) for each in y.shares] == [(2, 1), (1, 0), (0, 0)]
    assert x.shares[0].share.interval.low < 0.5 < x.shares[0].share.interval.high
    low, high = (100 * each for each in (x.shares[0].share.interval.low, x.shares[0].share.interval.high))
    assert f"2: 50% [{low:.0f}, {high:.0f}], 1: 38%, 0: 12%" in tell(found)
    many = analyse(table(*(row(at, "x", said=float(at)) for at in range(7)))).means
    assert list(many[0].shares) == []


def test_names_reach_the_terminal_as_text_alone():
    bad = "x\x1b[2J\r\u202e\u2028\n\ud7ff\u0301"
    rows = [row(at, bad, "y", "a", "ab", judge) for at in range(2) for judge in ("j\x07", "k")] + [
        row(0, "z", said=1.0, criterion="c\x9b1m")
    ]
    told = tell(analyse(table(*rows), answers(**{bad: ["same"] * 3, "y": ["same"] * 3})))
    assert all(each.isprintable() or each in "\n\N{FIGURE SPACE}" for each in told)
    assert r"x\x1b[2J\r\u202e\u2028\n" in told
    assert r"j\x07 and k" in told
    assert r"c\x9b1m" in told


def test_the_rows_of_many_arms_are_gone_through_once(monkeypatch):
    """Were the whole table read again for each duel, the time would grow with the fourth power of the arms."""
    names, read = [f"arm{at}" for at in range(12)], []
    rows = [row(at, a, b, "ab"[at % 2], "ab") for a, b in combinations(names, 2) for at in range(4)]
    into_scores = arrays.scores
    monkeypatch.setattr(arrays, "scores", lambda part: read.append(part.num_rows) or into_scores(part))
    found = analyse(table(*rows))
    assert len(found.duels) == 66
    assert sum(read) == 2 * len(rows)  # once for who won, once for the biases


def test_what_could_not_be_read_is_counted_and_not_guessed():
    found = analyse(table(*both(0, "a", "a"), row(1, "x", "y", None, "ab"), row(1, "x", "y", "a", "ba"), row(2, "x", said=None)))
    assert found.unread == 2
    [duel] = found.duels
    assert (duel.unread, duel.wins.net.n) == (1, 1)
    [mean] = found.means
    assert mean.rating.value is None
    assert mean.rating.reason == "there is no rating"
    assert tell(found).startswith("5 verdicts, 2 rows without a verdict.")
    assert "; 1 without a verdict" in tell(found)
    assert "read" not in tell(found)


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
