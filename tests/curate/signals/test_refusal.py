import pytest

from tests.curate.hand_made import texts
from thousand.curate.signals.refusal import refusal


@pytest.mark.parametrize(
    "response",
    [
        "I'm sorry, but I can't help with that.",
        "I\u2019m sorry, but I can\u2019t assist with that.",
        "I cannot answer this question.",
        "Sorry, I am not able to open links.",
        "Unfortunately, it is not possible to do so.",
        "I must decline.",
        "As a program, I don't have access to the weather.",
        "This request cannot be completed.",
        "It is not appropriate for me to answer.",
        "I'm unable to generate pictures.",
    ],
)
def test_a_bare_refusal_is_all_refusal(response):
    assert refusal(texts(response)).tolist() == [1]


@pytest.mark.parametrize(
    "response",
    [
        "I am sorry to hear of your loss. Time helps, and so do friends.",
        "I cannot help but admire the tower.",
        "You cannot answer a letter that was never sent.",
        "Fish can't write.",
        "I can help with that: open the lid.",
        "The bridge was built in nine years. It stood for ninety. It fell in one night. I cannot say why, and I cannot help you with it.",
        "`I cannot help you`",
        "",
    ],
)
def test_an_answer_is_no_refusal(response):
    assert refusal(texts(response)).tolist() == [0]


def test_a_refusal_that_explains_and_helps_is_only_partly_one():
    response = (
        "I can't help with that. Locks protect people who did you no harm. If it is your own door, call a locksmith, who opens it fast."
    )
    assert 0 < refusal(texts(response))[0] < 0.5
