import pytest

from tests.curate.hand_made import texts
from thousand.curate.signals.first_person import first_person


@pytest.mark.parametrize(
    ("response", "times"),
    [
        ("I think so.", 1),
        ("I'm sure, and I\u2019ve seen it: my own eyes.", 3),
        ("My view is mine alone; I hold it myself.", 3),
        ("A friend of mine knows.", 1),
        ("So do I", 1),
        ("As far as I, or anyone, can tell.", 1),
    ],
)
def test_a_response_in_the_first_person(response, times):
    assert first_person(texts(response)).tolist() == [times]


@pytest.mark.parametrize(
    "response",
    [
        "You think so, and they do.",
        "I.e. the second one.",
        "An I/O error on an I-beam.",
        "World War I, a type I error and Part I.",
        "I. Introduction\nII. Methods",
        "Ohm's law: I = V/R.",
        "A gold mine in Myanmar; it is an army enemy.",
        "Run this:\n```python\nI = 3  # my own\nmy(I)\n```\nand `I + my`.",
        "```\nI am cut off inside my code",
    ],
)
def test_a_response_without_it(response):
    assert first_person(texts(response)).tolist() == [0]
