import pytest

from tests.curate.hand_made import texts
from thousand.curate.signals.boilerplate import boilerplate


@pytest.mark.parametrize(
    "response",
    [
        "As an AI language model, nothing can be said.",
        "As an AI, I cannot.",
        "as a large language model trained by someone",
        "I'm just an AI assistant.",
        "I\u2019m an AI.",
        "I am a chatbot",
        "That lies after the knowledge cutoff.",
        "<noinput>",
        "Click here to read on.",
        "Please subscribe to our channel!",
        "By going on you accept our terms of service.",
        "\u00a9 2020. All rights reserved.",
    ],
)
def test_a_product_speaks(response):
    assert boilerplate(texts(response)).tolist() == [1]


@pytest.mark.parametrize(
    "response",
    [
        "As an AI researcher she read much.",
        "It serves as an aid.",
        "I am an AI engineer.",
        "Some philosophers subscribe to that view.",
        "The terms of service of a site bind its users.",
        "A model of language.",
        "There is no input.",
    ],
)
def test_a_person_speaks_of_the_same_things(response):
    assert boilerplate(texts(response)).tolist() == [0]
