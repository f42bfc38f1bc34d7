import pytest

from tests.curate.hand_made import texts
from thousand.curate.signals.other_answers import other_answers


@pytest.mark.parametrize(
    "response",
    [
        "As mentioned, it works.",
        "As Ann pointed out, it works.",
        "As already said it works.",
        "See above.",
        "The accepted answer is wrong.",
        "The answer below says so.",
        "Another comment explains it.",
        "Already answered",
        "This is a possible duplicate.",
        "I upvoted it.",
        "Ask on Stack Exchange.",
        "They know on Stack Overflow.",
        "What the OP wants is this.",
        "It works.\nEdit: it does not.",
        "UPDATE 2: it does.",
    ],
)
def test_a_response_points_elsewhere(response):
    assert other_answers(texts(response)).tolist() == [1]


@pytest.mark.parametrize(
    "response",
    [
        "Like other mammals, whales breathe; see the other side.",
        "While other threads wait, this one runs.",
        "The recursion ends in a stack overflow, a StackOverflowError.",
        "Connect the op amp to ground.",
        "It sank as he said his last words.",
        "Other post-war buildings stand above.",
        "To edit: press e. The update is below.",
        "```\n# see above\nedit: as mentioned\n```",
        "The answer is 42.",
    ],
)
def test_a_response_stands_by_itself(response):
    assert other_answers(texts(response)).tolist() == [0]
