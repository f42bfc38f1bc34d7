"""The order and the sides in which people are shown what they judge."""

from __future__ import annotations

from collections import Counter

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.desk.judged import pairs
from thousand.desk.deal import APART, Dealing, deal
from thousand.desk.items import Answer, Item

SECRET = b"a secret of this run"
SIZES = {"others": st.integers(1, 5), "prompts": st.integers(1, 25), "samples": st.integers(1, 2)}


def team(people):
    return [f"person {i}" for i in range(people)]


@given(items=st.builds(pairs, **SIZES), people=st.integers(1, 4), seed=st.integers(0, 3))
@settings(deadline=None, max_examples=60)
def test_everything_is_dealt_out_to_one_or_to_all(items, people, seed):
    dealt = [deal(items, who, team(people), SECRET, Dealing(seed=seed)) for who in team(people)]
    had = Counter(shown.item.key for own in dealt for shown in own if not shown.again)
    assert set(had) == {item.key for item in items}
    assert set(had.values()) <= {1, people}
    shared = {shown.item.key for shown in dealt[0] if shown.shared}
    assert shared == ({key for key, count in had.items() if count == people} if people > 1 else set())


@given(items=st.builds(pairs, **SIZES), people=st.integers(1, 4), seed=st.integers(0, 3))
@settings(deadline=None, max_examples=60)
def test_however_many_are_judged_the_claim_stood_first_as_often_as_second_but_for_one(items, people, seed):
    for who in team(people):
        first = Counter()
        for shown in deal(items, who, team(people), SECRET, Dealing(seed=seed)):
            if not shown.again:
                first[shown.item.strand] += 1 if shown.order == "ab" else -1
                assert abs(first[shown.item.strand]) <= 1


@given(items=st.builds(pairs, **SIZES), seed=st.integers(0, 3))
@settings(deadline=None, max_examples=60)
def test_however_many_are_judged_arms_had_equal_turns(items, seed):
    turns = Counter({item.strand: 0 for item in items})
    for shown in deal(items, "ann", (), SECRET, Dealing(seed=seed)):
        if not shown.again:
            turns[shown.item.strand] += 1
            assert max(turns.values()) - min(turns.values()) <= 1


@given(others=st.integers(1, 6), prompts=st.integers(1, 40))
@settings(deadline=None, max_examples=60)
def test_after_every_round_of_the_first_pass_prompts_had_equal_turns(others, prompts):
    """Places a Kth of the prompts apart: a window of equal length from each covers every prompt equally often, but for one."""
    turns = Counter({f"p{prompt}": 0 for prompt in range(prompts)})
    first = [shown for shown in deal(pairs(others, prompts), "ann", (), SECRET) if not shown.again]
    for number, shown in enumerate(first, 1):
        turns[shown.item.prompt_id] += 1
        if number % others == 0:
            assert max(turns.values()) - min(turns.values()) <= 1


@given(items=st.builds(pairs, **SIZES), share=st.sampled_from([0.05, 0.1, 0.3]), seed=st.integers(0, 3))
@settings(deadline=None, max_examples=60)
def test_repeats_are_the_stated_share_some_way_apart_and_with_the_sides_exchanged(items, share, seed):
    dealt = deal(items, "ann", (), SECRET, Dealing(repeats=share, seed=seed))
    at = {}
    for position, shown in enumerate(dealt):
        if shown.again:
            before, order = at.pop(shown.item.key)  # once at most
            assert position - before > APART
            assert {order, shown.order} == {"ab", "ba"}
        else:
            at[shown.item.key] = position, shown.order
    repeats = sum(shown.again for shown in dealt)
    assert repeats <= share * len(dealt) + 1
    if len(items) > APART + 3 / share:
        assert repeats >= share * (len(dealt) - 1 / share) - 1


@given(items=st.builds(pairs, **SIZES), people=st.integers(1, 3), shuffled=st.randoms())
@settings(deadline=None, max_examples=40)
def test_the_same_run_seed_and_person_give_the_same_order_of_everything(items, people, shuffled):
    once = deal(items, "ann", team(people), SECRET)
    mixed, others = list(items), team(people)
    shuffled.shuffle(mixed)
    shuffled.shuffle(others)
    assert deal(mixed, "ann", others, SECRET) == once


def test_another_seed_secret_or_person_gives_another_order():
    items = pairs()
    once = [(shown.item.key, shown.order) for shown in deal(items, "ann", (), SECRET)]
    for other in (deal(items, "ann", (), SECRET, Dealing(seed=1)), deal(items, "ann", (), b"another"), deal(items, "ben", (), SECRET)):
        assert [(shown.item.key, shown.order) for shown in other] != once


def shown_texts(dealt):
    """What somebody sees: the prompt and the answers in their order."""
    return [
        (shown.item.prompt, *[each.text for each in (shown.item.answers[::-1] if shown.order == "ba" else shown.item.answers)])
        for shown in dealt
    ]


@given(
    others=st.integers(1, 4),
    prompts=st.integers(1, 15),
    same=st.sets(st.integers(0, 14), max_size=4),
    people=st.integers(1, 3),
    seed=st.integers(0, 3),
)
@settings(deadline=None, max_examples=60)
def test_who_answered_plays_no_part_in_what_is_shown(others, prompts, same, people, seed):
    """The claim and its one rival exchange all their answers, or several rivals do among themselves; some answers are equal."""

    def world(names, claim, turned):
        found = []
        for other in range(others):
            for prompt in range(prompts):
                one = f"one {prompt}"
                two = one if prompt in same else f"two {other} {prompt}"
                ours, theirs = (two, one) if turned else (one, two)
                found.append(Item("pair", f"p{prompt}", 0, f"q{prompt}", (Answer(claim, 0, ours), Answer(names[other], 0, theirs))))
        return deal(found, "person 0", team(people), SECRET, Dealing(seed=seed))

    names = [f"arm-{other}" for other in range(others)]
    told = shown_texts(world(names, "claim", False))
    assert shown_texts(world(names[::-1], "z", False)) == told
    if others == 1:
        assert shown_texts(world(names, "claim", True)) == told


def test_of_answers_by_themselves_neither_who_answered():
    def world(names):
        found = [
            Item("grade", f"p{i}", 0, f"q{i}", (Answer(arm, seed, f"{seed} {i}"),)) for seed, arm in enumerate(names) for i in range(20)
        ]
        return shown_texts(deal(found, "ann", ("ben",), SECRET))

    assert world(["a", "b", "c"]) == world(["c", "a", "b"]) == world(["zz", "y", "x"])
