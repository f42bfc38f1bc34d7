import re

import numpy as np
import pytest

from tests.curate.hand_made import texts
from thousand.curate.signals.ended import ended


@pytest.mark.parametrize(
    "response",
    [
        "It is so.",
        "Is it so?\n\n",
        'He said "It is so."',
        "It is so (they say.)",
        "**It is so.**",
        "It is so\u2026",
        "Run this:\n```\nls\n```",
        "Take these:\n- bread\n- butter",
        "1. Open it\n2) Close it",
        "| a | b |\n|---|---|\n| 1 | 2 |",
        "Good luck :)",
        "Good luck \U0001f642",
        "Enjoy \u2764\ufe0f",
        "\u4f60\u597d\u3002",
        "\u4ed6\u8bf4\uff1a\u300c\u597d\u3002\u300d",
        "\uff08\u662f\u7684\uff01\uff09",
        "\u092f\u0939 \u0920\u0940\u0915 \u0939\u0948\u0964",
        "\u0647\u0644 \u0647\u0630\u0627 \u0635\u062d\u064a\u062d\u061f",
        "Copper",
        "42",
        "$3.50",
        "4 / 2 = 2",
        "Three rivers",
        "copper, tin, zinc, lead, iron, nickel, gold, silver, cobalt, chrome, sodium",
        "C) Lisbon",
        "x = [i for i in range(9)]\nprint(x)",
        "while queue:\n    node = queue.pop()\n    seen.add(node)\nreturn seen",
        "SELECT name FROM towns WHERE river IS NOT NULL ORDER BY name;",
        "The Long Road Home: How a Town Found Its River Again",
        "A walk at dawn is worth two at noon! #walking #dawn",
        '"A door is a wall that has changed its mind." - Ada Brook',
        "See you soon.\n\nKind regards,\nAda",
        "We meet at nine. [Your name]",
        "1. Open the lid\n2. Fill it with water from the tap and wait until it has cooled down a bit",
        "The paper is at https://example.org/paper",
        "He is an engineer",
        "It is made by Brook & Sons Ltd. Leeds",
        "They play in Leeds, York, Hull and St. Helens",
        "Is the bridge open in winter? Yes/No",
    ],
)
def test_a_response_that_comes_to_an_end(response):
    assert ended(texts(response)).tolist() == [1]


@pytest.mark.parametrize(
    "response",
    [
        "It is",
        "It is so,",
        "These are:",
        "",
        "   ",
        "First.\nSecond, and then the",
        "- one\n- two\nand so on, as",
        "\u4f60\u597d\uff0c",
        "1.5 is",
        "The tower was finished. Then the masons went",
        "They brought bread, salt and",
        "It costs between $10 and $",
        "It opened in 20",
        "They came from the valley (",
        "They came from the valley. The",
        "Nobody in the village could remember when those strange people from beyond the mountains first arrived",
        "1. Open the lid.\n2. Fill it with",
        "1. Open the lid.\n2. Close the",
        "Dear Ada,",
        "The tower of York is made of granite. York",
        "The tower of York was built by Ada Brook. Besides, the tower",
    ],
)
def test_a_response_that_breaks_off(response):
    assert ended(texts(response)).tolist() == [0]


def test_most_cuts_in_the_middle_of_a_sentence_are_seen():
    whole = (
        "The mill stands where two small streams meet below the old village. Its wheel was made of oak by a carpenter from the coast, "
        "who stayed for one winter and never came back. Since then the miller's family has mended it every spring with planks from the "
        "same wood."
    )
    cuts = [whole[: match.start()] for match in re.finditer(r"(?<![.]) ", whole)]
    assert np.mean(1 - ended(texts(*cuts))) > 0.6
    assert ended(texts(whole)).tolist() == [1]
