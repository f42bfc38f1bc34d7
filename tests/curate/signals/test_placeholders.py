import pytest

from tests.curate.hand_made import texts
from thousand.curate.signals.placeholders import placeholders


@pytest.mark.parametrize(
    "prompt",
    [
        "Sum it up.\n\n<noinput>",
        "Sum it up.\n< No Input >",
        "Translate this.\n\nNo input",
        "Translate this.\n\nN/A.",
        "Write to [insert name here] about the bridge.",
        "What is this? [image]",
        "Greet {name} and ask how she is.",
        "Read this page.\n\nhttps://example.org/page",
        "Describe what you see in the attached.",
    ],
)
def test_a_prompt_that_stands_for_what_is_not_there_is_found(prompt):
    assert placeholders(texts("An answer.", prompts=[prompt])).tolist() == [1]


@pytest.mark.parametrize(
    "prompt",
    [
        "What does the site https://example.org sell?",
        "Describe an image of a bridge.",
        "What does a[i] = b[j] mean?",
        "Is there no input at all in this circuit?",
        "What does the tag <p> do?",
        'Write a JSON object such as {"a": 1}.',
        "",
    ],
)
def test_a_prompt_that_says_all_is_left_alone(prompt):
    assert placeholders(texts("An answer.", prompts=[prompt])).tolist() == [0]


def test_every_slot_counts():
    assert placeholders(texts("x", prompts=["Dear [your boss], meet [insert name]."])).tolist() == [2]
