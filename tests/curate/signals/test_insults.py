import pytest

from tests.curate.hand_made import texts
from thousand.curate.signals.insults import insults


@pytest.mark.parametrize(
    "response",
    [
        "What a stupid question.",
        "You are so lazy.",
        "You're an ignorant person",
        "You fool!",
        "Only a fool would ask that.",
        "Look it up, you idiot.",
        "Morons.",
        "Now go away.",
        "No. Get lost!",
        "Shut up and read a book.",
        "STUPID QUESTION",
        "Read it first.\nGo away",
    ],
)
def test_the_reader_is_insulted_or_sent_away(response):
    assert insults(texts(response)).tolist() == [1]


@pytest.mark.parametrize(
    "response",
    [
        "Use lazy loading; lazy evaluation is dumb luck.",
        "The pain will go away in a day.",
        "Tourists get lost there.",
        "Pull it with a jerk, and do not fool around.",
        "Jerk chicken, a clown fish and a pathetic fallacy.",
        "There is no stupid question.",
        "The winner shakes the loser's hand.",
        "```\nidiot = you.are.stupid\n```",
        "A class of stupidity; an idiom.",
    ],
)
def test_the_same_words_can_be_harmless(response):
    assert insults(texts(response)).tolist() == [0]
