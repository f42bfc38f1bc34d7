from tests.curate.hand_made import texts
from thousand.curate.signals.substance import substance


def test_only_different_words_that_the_prompt_has_not_count():
    some = texts("It is the old bridge.", "Who built it? Who built it?", "Stone, STONE, stone and wood!", "", prompts=["Who built it?"] * 4)
    assert substance(some).tolist() == [4, 0, 3, 0]
