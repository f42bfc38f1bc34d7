from tests.curate.hand_made import texts
from thousand.curate.signals.words import words


def test_words_are_counted_and_marks_are_not():
    assert words(texts("One, two -- three!", "don't stop", "x_1 = 3.5", "...", "")).tolist() == [3, 2, 3, 0, 0]


def test_scripts_without_spaces_count_by_the_character():
    assert words(texts("你好，世界。", "ひらがな", "GPU很快", "안녕 세계")).tolist() == [4, 4, 3, 2]
