import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from thousand.cli import app
from thousand.errors import DataError
from thousand.report.counts import read_counts, tell_counts

LIMA = Path(__file__).parents[2] / "recipes" / "published" / "lima.csv"
HEAD = "against,win,tie,lose,n\n"


def wrote(folder, text, name="counts.csv"):
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def test_limas_people_differ_significantly_in_three_of_five():
    """Zhou et al. 2023, figure 1: exact sign tests of the published percents of 300."""
    people = {each.b: each for each in read_counts(LIMA) if each.judge == "people"}
    known = {"Alpaca 65B": 2e-7, "DaVinci003": 0.09, "Bard": 0.08, "Claude": 4e-9, "GPT-4": 2e-15}
    assert {name: float(f"{each.p:.0e}") for name, each in people.items()} == known
    assert people["Alpaca 65B"].net == pytest.approx(0.27)
    significant = [name for name, each in people.items() if each.p_holm < 0.05 and not each.interval[0] <= 0 <= each.interval[1]]
    assert significant == ["Alpaca 65B", "Claude", "GPT-4"]


def test_the_judge_widens_what_people_found():
    """The same table by GPT-4: DaVinci003 at 8e-10, where people leave it open."""
    gpt4 = {each.b: each for each in read_counts(LIMA) if each.judge == "GPT-4"}
    assert float(f"{gpt4['DaVinci003'].p:.0e}") == 8e-10


def test_what_is_significant_is_said():
    said = tell_counts(read_counts(LIMA))
    assert "3 of 5 differences significant at 5%: LIMA beats Alpaca 65B; loses to Claude and GPT-4; no difference is shown from" in said


@pytest.mark.parametrize("row", ["x,6,2,2,10", "x,60,20,20,10", "x,.6,.2,.2,10", "x,0.60, 0.20, 0.20,10"])
def test_counts_percents_and_shares_mean_the_same(tmp_path, row):
    found = read_counts(wrote(tmp_path, HEAD + row + "\n"))[0]
    assert (found.win, found.tie, found.lose, found.n) == (0.6, 0.2, 0.2, 10)
    assert found.p == pytest.approx(2 * 37 / 256)  # 2 of 8 or fewer: 1 + 8 + 28 of 256


def test_rounded_percents_become_whole_counts(tmp_path):
    found = read_counts(wrote(tmp_path, HEAD + "x,33,33,33,300\n"))[0]
    assert (found.win, found.tie, found.lose) == pytest.approx((1 / 3, 1 / 3, 1 / 3))


def test_a_win_that_does_not_outlive_the_correction_is_not_significant(tmp_path):
    """13 of 16 decided prompts: p = 0.021 by itself, 0.064 as the smallest of three."""
    rows = "x,13,0,3,16\ny,8,0,8,16\nz,8,0,8,16\n"
    found = read_counts(wrote(tmp_path, HEAD + rows))
    assert (round(found[0].p, 3), round(found[0].p_holm, 3)) == (0.021, 0.064)
    assert "0 of 3 differences significant" in tell_counts(found)


def test_holm_is_over_the_rows_of_one_judge(tmp_path):
    rows = [
        {"against": name, "win": 8, "tie": 0, "lose": 0, "n": 8, "judge": judge}
        for name, judge in (("x", "ann"), ("y", "ann"), ("x", "ben"))
    ]
    found = read_counts(wrote(tmp_path, "\n".join(map(json.dumps, rows)), "counts.jsonl"))
    assert [each.p_holm for each in found] == [2 / 128, 2 / 128, 2 / 256]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "has no rows"),
        (HEAD + "x,60,20,30,300\n", "add up to 110"),
        (HEAD + "x,60,20,-20,300\n", "lose: '-20'"),
        (HEAD + "x,60,20,20,2.5\n", "n: 2.5"),
        (HEAD + "x,60,20,20,0\n", "n: 0"),
        (HEAD + "x,60,20,nan,300\n", "lose: 'nan'"),
        (HEAD + ",60,20,20,300\n", "no against"),
        (HEAD + "x,60,20,20\n", "not as many fields"),
        (HEAD + "x,60,20,20,300\nx,60,20,20,300\n", "twice"),
        ("against,wins,tie,lose,n\nx,60,20,20,300\n", "no column 'wins'"),
    ],
)
def test_a_row_that_cannot_be_read_is_named(tmp_path, text, said):
    with pytest.raises(DataError, match=said):
        read_counts(wrote(tmp_path, text))


def test_a_line_that_is_no_json_is_named(tmp_path):
    with pytest.raises(DataError, match=r"counts.jsonl:2 is no"):
        read_counts(wrote(tmp_path, '{"against": "x", "win": 1, "tie": 0, "lose": 0, "n": 1}\n[1]\n', "counts.jsonl"))


def test_the_command_line_tells_a_published_table():
    told = CliRunner().invoke(app, ["report", "--counts", str(LIMA)])
    assert told.exit_code == 0
    assert "against DaVinci003  44 / 21 / 35" in told.output
    both = CliRunner().invoke(app, ["report", "runs/lab", "--counts", str(LIMA)])
    assert both.exit_code != 0


def test_hostile_names_are_shown_as_codes(tmp_path):
    said = tell_counts(read_counts(wrote(tmp_path, HEAD + "x\x1b[31m,6,2,2,10\n")))
    assert "\x1b" not in said


def test_what_a_spreadsheet_wrote_is_read(tmp_path):
    path = tmp_path / "counts.csv"
    path.write_bytes(b"\xef\xbb\xbf" + (HEAD + "x,60,20,20,300\n").encode())
    assert [each.b for each in read_counts(path)] == ["x"]


@pytest.mark.parametrize("number", ["1" + "0" * 400, "9" * 5000])
def test_a_number_without_end_is_named(tmp_path, number):
    with pytest.raises(DataError, match=r"counts\.jsonl:1"):
        read_counts(wrote(tmp_path, f'{{"against": "x", "win": {number}, "tie": 1, "lose": 1, "n": 10}}\n', "counts.jsonl"))


def test_judges_may_take_turns_in_the_file(tmp_path):
    rows = "".join(f"x{at},200,50,50,300,{judge}\n" for at in (1, 2) for judge in "AB")
    said = tell_counts(read_counts(wrote(tmp_path, HEAD.replace("n\n", "n,judge\n") + rows)))
    assert said.count("judged by A") == 1
    assert said.count("2 of 2 differences significant") == 2
