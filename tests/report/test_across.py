"""Several runs: claims compared where they share prompts and a judge, and whether a stronger base needs fewer examples."""

import pyarrow as pa
import pyarrow.compute as pc
import pytest

from tests.report.rich import FEW, rich
from tests.report.synthetic import verdict
from thousand import tables
from thousand.errors import DataError
from thousand.report import across
from thousand.report.across_page import gallery_across, needed, needs, page_across, publish_across


def rated(*rows, judge="people"):
    """Prompt and rating of the claim."""
    return pa.Table.from_pylist(
        [verdict(prompt, "curated-100", judge=judge, rating=float(rating)) for prompt, rating in rows], tables.VERDICTS
    )


@pytest.fixture(scope="module")
def summary():
    return rich(FEW)[0]


def on(summary, base, untouched, smallest):
    """The same run on another base: what that gives untouched, and how many examples are enough."""
    given = {"mean_rating": untouched, "interval": (untouched - 0.2, untouched + 0.2)}
    arms = [arm.model_copy(update=given) if arm.role == "base" else arm for arm in summary.arms]
    arms[0] = arms[0].model_copy(update={"family": "curated"})
    curves = [curve.model_copy(update={"smallest": smallest}) for curve in summary.curves]
    question = summary.question.model_copy(update={"base": base})
    return summary.model_copy(update={"arms": arms, "curves": curves, "question": question})


def test_claims_meet_on_the_prompts_that_both_runs_have(summary):
    """Of three prompts in each run two are shared: one won, one tied."""
    runs = {"one": summary, "two": summary}
    found = across(runs, {"one": rated((1, 6), (2, 4), (3, 1)), "two": rated((2, 3), (3, 1), (4, 6))})
    [claim] = found.claims
    assert (claim.a, claim.b, claim.judge, claim.n) == ("one", "two", "people", 2)
    assert (claim.win, claim.tie, claim.lose, claim.net) == (0.5, 0.5, 0.0, 0.5)
    assert found.apart == []


def test_a_prompt_that_one_of_them_has_no_rating_of_is_left_out_in_its_place(summary):
    """Both runs ask 1, 2 and 3; the first has no rating of 1, so that 2 and 3 must not be taken for 1 and 2."""
    first = pa.concat_tables([rated((2, 5), (3, 5)), rated((1, 1), judge="other")])
    found = across({"one": summary, "two": summary}, {"one": first, "two": rated((1, 6), (2, 4), (3, 4))})
    [claim] = found.claims
    assert (claim.n, claim.win, claim.lose) == (2, 1.0, 0.0)
    assert (claim.seeds_a, claim.seeds_b, claim.unparsed) == (1, 1, 0)


def test_runs_that_cannot_be_compared_say_why(summary):
    runs = dict.fromkeys(("one", "two", "three", "four"), summary)
    verdicts = {"one": rated((1, 6)), "two": rated((2, 6)), "three": rated((1, 6), judge="other")}
    assert across(runs, verdicts).apart == [
        "one and two are not compared: they share no prompt.",
        "one and three are not compared: no judge rated the claims of both on a prompt they share.",
        "one and four are not compared: the verdicts of four are not at hand.",
        "two and three are not compared: they share no prompt.",
        "two and four are not compared: the verdicts of four are not at hand.",
        "three and four are not compared: the verdicts of four are not at hand.",
    ]


def test_p_values_are_corrected_for_the_number_of_pairs(summary):
    verdicts = {name: rated(*((prompt, 3 + at) for prompt in range(20))) for at, name in enumerate("abc")}
    found = across(dict.fromkeys("abc", summary), verdicts)
    assert len(found.claims) == 3
    assert all(each.lose == 1.0 for each in found.claims)
    assert max(each.p_holm for each in found.claims) == pytest.approx(3 * min(each.p for each in found.claims), rel=0.01)


@pytest.mark.parametrize(("runs", "verdicts"), [({}, {}), ({"one": None}, {"other": None})])
def test_what_cannot_be_meant_is_refused(runs, verdicts):
    with pytest.raises(DataError):
        across(runs, verdicts)


@pytest.mark.parametrize(
    ("smallest", "said"),
    [
        ((200, 100, 50), "The stronger the base, the fewer examples were enough"),
        ((50, 100, 200), "The stronger the base, the more examples it took"),
        ((100, 100, 100), "as many examples as a weaker one"),
        ((50, 200, 100), "does not follow the strength of the base"),
        ((50, None, None), "cannot be told"),
    ],
)
def test_whether_a_stronger_base_needs_fewer_is_told_by_what_the_bases_give_untouched(summary, smallest, said):
    order = {"large": (3.0, smallest[2]), "small": (1.0, smallest[0]), "medium": (2.0, smallest[1])}
    assert said in needed({name: on(summary, name, *each) for name, each in order.items()})


def test_what_runs_do_not_have_in_common_is_no_answer_about_bases(summary):
    """Of one base, by different judges, or where the intervals of the untouched bases overlap, nothing is told of stronger ones."""
    small, large = on(summary, "small", 1.0, 200), on(summary, "large", 3.0, 50)
    assert "the runs have one base" in needed({"small": small, "again": on(summary, "small", 3.0, 50)})
    other = large.model_copy(update={"question": large.question.model_copy(update={"judges": ["oracle"]})})
    assert "rated by different judges" in needed({"small": small, "large": other})

    def within(run, low, high):
        arms = [arm.model_copy(update={"interval": (low, high)}) if arm.role == "base" else arm for arm in run.arms]
        return run.model_copy(update={"arms": arms})

    alike = needed({"small": within(small, 0.9, 2.9), "large": within(large, 2.8, 3.2)})
    assert "none is shown to be the stronger. Enough were: small 200 (untouched 1.0) and large 50" in alike
    assert "fewer examples were enough" not in alike
    assert "none is shown" not in needed({"small": within(small, 0.9, 1.1), "large": within(large, 2.8, 3.2)})


def test_a_base_that_took_more_is_said_to_need_more_only_where_fewer_are_shown_to_be_too_few(summary):
    def losing(run, least):
        lost = [point.model_copy(update={"loss_at_least": least}) for point in run.curves[0].points]
        return run.model_copy(update={"curves": [run.curves[0].model_copy(update={"points": lost}), *run.curves[1:]]})

    small, large = on(summary, "small", 1.0, 200), on(summary, "large", 3.0, 50)
    doubt = "That small needs more than 50 is not shown."
    assert doubt in needed({"small": losing(small, 0.0), "large": large})
    assert doubt not in needed({"small": losing(small, 0.5), "large": large})


def test_the_page_has_a_line_for_each_run_one_curve_for_each_and_every_doubt(summary, tmp_path):
    runs = {"small": on(summary, "lab/small", 1.0, 200), "large <b>": on(summary, "lab/large", 2.0, 50)}
    found = across(runs, {name: rated((1, 6), (2, 4)) for name in runs})
    figures = {each.name: each for each in gallery_across(found)}
    assert set(figures) == {"claims", "bases-people", "claims-small-people"}
    assert {row[0] for row in figures["bases-people"].table.rows} == set(runs)
    assert [row[0] for row in needs(found).rows] == list(runs)
    html = page_across(found, list(figures.values()))
    assert "<b>" not in html
    assert "small: The judges agree little more than chance would have them" in html
    assert "The stronger the base, the fewer examples were enough: small 200" in html
    assert publish_across(found, tmp_path) == tmp_path / "report.html"
    assert (tmp_path / "figures" / "bases-people.png").is_file()


def test_the_page_leads_to_that_of_each_run_which_has_one(summary, tmp_path):
    own = tmp_path / "a study" / "small" / "report.html"
    own.parent.mkdir(parents=True)
    own.write_text("its page", encoding="utf-8")
    runs = {"small": summary.model_copy(update={"report": str(own)}), "gone": summary.model_copy(update={"report": str(tmp_path / "none")})}
    html = publish_across(across(runs), tmp_path / "other").read_text(encoding="utf-8")
    assert '<a href="../a%20study/small/report.html">small</a>' in html
    assert html.count("<a ") == 1


def test_no_judge_is_lost_from_real_tables(summary):
    verdicts = rich(FEW)[1].verdicts
    found = across({"one": summary, "two": summary}, {"one": verdicts, "two": verdicts})
    assert {each.judge for each in found.claims} == {"people", "oracle"}
    assert all(each.net == 0 for each in found.claims)
    assert pc.sum(pc.is_valid(verdicts["rating"])).as_py() > 0
