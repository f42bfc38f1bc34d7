from dataclasses import replace

from tests.curate.hand_made import conversation, texts
from thousand.curate.signals.private import private


def test_private_matter_is_counted_in_every_turn():
    several = [
        conversation("Write to ann@river.town.", "I wrote to ann@river.town and called +44 20 7946 0018.", "Thanks!", "Gladly."),
        conversation("What is 3 + 4?", "It is 7."),
    ]
    assert private(replace(texts("Gladly.", "It is 7."), conversations=several)).tolist() == [3, 0]
