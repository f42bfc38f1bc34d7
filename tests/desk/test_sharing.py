"""Who reads which examples."""

from __future__ import annotations

from collections import Counter

import pytest

from thousand.desk.sharing import readers

CONTENTS = [f"{number:016x}" for number in range(4000)]


def test_alone_one_reads_everything():
    assert all(readers(content, ["ann"]) == ["ann"] for content in CONTENTS[:50])
    assert readers(CONTENTS[0], []) == []


@pytest.mark.parametrize("people", [2, 3, 5])
def test_each_has_an_equal_part_and_a_fifth_of_it_is_everybodys(people):
    names = [f"person {i}" for i in range(people)]
    found = [readers(content, names) for content in CONTENTS]
    assert {len(each) for each in found} == {1, people}
    common = sum(len(each) == people for each in found)
    held = Counter(name for each in found for name in each)
    for name in names:
        assert common / held[name] == pytest.approx(0.2, abs=0.03)
        assert held[name] == pytest.approx(sum(held.values()) / people, rel=0.08)


def test_the_order_of_names_plays_no_part():
    assert all(readers(content, ["ann", "ben", "cat"]) == readers(content, ["cat", "ann", "ben", "ann"]) for content in CONTENTS[:200])


def test_whoever_joins_takes_from_each_and_nothing_changes_hands_between_the_others():
    before = {content: readers(content, ["ann", "ben"]) for content in CONTENTS}
    after = {content: readers(content, ["ann", "ben", "cat"]) for content in CONTENTS}
    owned = [content for content in CONTENTS if len(before[content]) == 1 and len(after[content]) == 1]
    moved = [content for content in owned if before[content] != after[content]]
    assert all(after[content] == ["cat"] for content in moved)
    assert Counter(before[content][0] for content in moved)["ann"] == pytest.approx(len(moved) / 2, rel=0.15)
