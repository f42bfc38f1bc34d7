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
        "A - B",
        "1.5 is",
    ],
)
def test_a_response_that_breaks_off(response):
    assert ended(texts(response)).tolist() == [0]
