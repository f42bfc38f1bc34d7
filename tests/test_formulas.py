import pytest

from thousand.formulas import disarm, rearm


@pytest.mark.parametrize(
    "text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "\uff1d1", "\uff0b1", "\uff0d1", "\uff20a", "'=1", "''-"]
)
def test_what_a_spreadsheet_would_run_is_kept_from_it_and_comes_back(text):
    assert disarm(text) == f"'{text}"
    assert rearm(disarm(text)) == text


@pytest.mark.parametrize("text", ["", "a=b", "3", "'tis", " =1"])
def test_other_text_stands_as_it_is(text):
    assert disarm(text) == text == rearm(text)
