from dataclasses import replace

from tests.curate.hand_made import conversation, texts
from thousand.curate.signals.turns import turns


def test_the_users_turns_are_counted_and_no_others():
    system = {"role": "system", "content": "Be brief."}
    several = [conversation("Why?", "So."), [system, *conversation("Why?", "So.", "Really?", "Yes.")]]
    assert turns(replace(texts("So.", "Yes."), conversations=several)).tolist() == [1, 2]
