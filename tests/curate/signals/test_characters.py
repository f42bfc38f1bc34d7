from tests.curate.hand_made import texts
from thousand.curate.signals.characters import characters


def test_characters_are_counted_not_bytes():
    assert characters(texts("abc", "né", "你好", "")).tolist() == [3, 2, 2, 0]
