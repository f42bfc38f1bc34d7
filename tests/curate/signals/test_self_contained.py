import pytest

from tests.curate.hand_made import texts
from thousand.curate.signals.self_contained import self_contained


@pytest.mark.parametrize(
    ("prompt", "alone"),
    [
        ("Why does the tide turn twice a day?", 1),
        ("Why does the tide turn twice a day?\n\nI live by this sea and see it below my house.", 1),
        ("Why does the tide turn twice a day", 0),
        ("Why does it turn?", 0),
        ("Why does this tide turn twice a day?", 0),
        ("Which of the following seas has no tide?", 0),
        ("What do the people who live here say?", 0),
        ("What is in the attached picture of the sea?", 0),
        ("Does a theremin thisbe hereby sound well?", 1),
        ("", 0),
    ],
)
def test_a_prompt_stands_alone_when_its_first_line_is_a_whole_question(prompt, alone):
    assert self_contained(texts("So.", prompts=[prompt])).tolist() == [alone]
