"""Each doubt by hand: what the judges' records say, and what the verdict then says."""

import pyarrow as pa
import pytest

from tests.report.test_verdict import ARMS, WON, level, lost, replaced
from thousand import tables
from thousand.report import arrays
from thousand.report.compare import compare
from thousand.report.doubts import _unread, doubted, doubts
from thousand.report.evidence import ArmEvidence
from thousand.report.heard import Heard, _of_pairs
from thousand.report.measures import Agreement, JudgeBias, Measured, NoiseBar
from thousand.report.summary import Contamination
from thousand.report.verdict import decide

CLEAN = Contamination()


def known(value, low=None, high=None, n=300):
    return Measured(value=value, interval=None if low is None else (low, high), n=n, reason="" if low is not None else "no interval")


def bias(b, *, longer, slope=(0.5, 1.5), equal=(0.6, 0.55, 0.65), longer_by=40.0, judge="oracle"):
    return JudgeBias(
        judge=judge,
        b=b,
        kind="rating",
        ties=known(0.3, 0.2, 0.4),
        flips=known(None),
        first=known(None),
        position=known(None),
        longer=known(longer, longer - 0.03, longer + 0.03),
        win_rate=known(0.7, 0.65, 0.75),
        at_equal_length=known(*equal) if equal else known(None),
        length_slope=known(sum(slope) / 2, *slope) if slope else known(None),
        longer_by=longer_by,
    )


def heard(biases=(), noise=(), agreement=()):
    return Heard(list(noise), list(agreement), None, list(biases))


def agreed(first, second, value, chance):
    above = (value - chance) / (1 - chance)
    return Agreement(
        first=first,
        second=second,
        tie_discounted=known(value, value - 0.05, value + 0.05),
        chance=chance,
        above_chance=above,
        strict=known(value, 0, 1),
        kappa=known(above, 0, 1),
    )


def verdict(comparisons=WON, judges=("oracle", "people"), found=None, contamination=CLEAN, awaited=(), arms=ARMS):
    own = [*comparisons, *(each.model_copy(update={"judge": "people"}) for each in comparisons)] if "people" in judges else comparisons
    decided = decide(arms, own, judges, {}, contamination)
    return doubted(decided, doubts(arms, own, judges, found or heard(), contamination, awaited))


def test_nothing_to_doubt_leaves_the_verdict_as_it_is():
    said = verdict(found=heard([bias(None, longer=0.6), bias("all", longer=0.6)], agreement=[agreed("oracle", "people", 0.8, 0.55)]))
    assert said.warnings == []
    assert "But" not in said.sentence


def test_a_judge_that_counts_letters_is_warned_of_in_the_sentence():
    """The longer answer always won: there is no win rate at equal length, and nothing but length to see."""
    letters = [bias(None, longer=1.0, slope=None, equal=None), bias("all", longer=1.0, slope=None, equal=None)]
    said = verdict(found=heard(letters))
    assert said.outcome == "less is more"
    assert "But length alone may explain what oracle found against all (its win rate at equal length cannot be known)" in said.sentence
    assert said.warnings[0].startswith("Length alone may explain")


@pytest.mark.parametrize(
    ("changed", "undermined"),
    [
        ({"equal": (0.52, 0.45, 0.59)}, True),  # at equal length no win is left
        ({"equal": (0.40, 0.35, 0.45)}, True),  # at equal length it loses
        ({"equal": (0.60, 0.55, 0.65)}, False),  # the win stands at equal length
        ({"equal": (0.52, 0.45, 0.59), "longer_by": -40.0}, False),  # the claim's answers are the shorter ones
        ({"equal": (0.52, 0.45, 0.59), "slope": (-0.2, 0.9)}, True),  # the slope of the pooled verdicts is what counts
    ],
)
def test_length_undermines_a_win_only_where_it_could_have_made_it(changed, undermined):
    said = verdict(found=heard([bias(None, longer=0.7), bias("all", longer=0.7, **changed)]))
    assert ("But length alone" in said.sentence) is undermined


def test_a_judge_that_does_not_like_length_is_not_doubted():
    indifferent = {"slope": (-0.5, 0.2), "equal": (0.52, 0.45, 0.59)}
    assert "But" not in verdict(found=heard([bias(None, longer=0.5, **indifferent), bias("all", longer=0.6, **indifferent)])).sentence


def test_a_loss_may_be_due_to_length_too():
    found = heard([bias(None, longer=0.8), bias("all", longer=0.8, longer_by=-60.0, equal=(0.48, 0.42, 0.55))])
    said = verdict(replaced(lost("all")), found=found)
    assert said.outcome == "more is more"
    assert "But length alone may explain" in said.sentence


def test_no_difference_is_not_undermined_and_still_warned():
    said = verdict(replaced(level("all")), found=heard([bias(None, longer=0.95)]))
    assert said.outcome == "no difference shown"
    assert "But" not in said.sentence
    assert said.warnings == ["oracle gave 95% of its verdicts without a tie to the longer answer."]


def test_judges_that_hardly_agree_are_in_the_sentence():
    said = verdict(found=heard(agreement=[agreed("oracle", "people", 0.6, 0.55)]))
    assert "But oracle and people hardly agree: 60% of 300 verdicts (ties discounted) where chance alone gives 55%." in said.sentence


def test_only_people_and_deciding_judges_must_agree():
    pairs = [agreed("oracle", "longest", 0.5, 0.5), agreed("people", "people:ann", 0.5, 0.5)]
    assert verdict(found=heard(agreement=pairs)).warnings == []
    people = verdict(found=heard(agreement=[agreed("people:ann", "people:ben", 0.5, 0.5)]))
    assert "people:ann and people:ben hardly agree" in people.warnings[0]


def test_judges_who_agree_on_nearly_all_or_share_next_to_nothing_are_no_cause_for_doubt():
    """Where the claim nearly always wins chance alone comes near to full agreement; one item shows nothing."""
    assert verdict(found=heard(agreement=[agreed("oracle", "people", 0.94, 0.93)])).warnings == []
    once = agreed("oracle", "people", 0.5, 0.5)
    once = once.model_copy(update={"tie_discounted": once.tie_discounted.model_copy(update={"n": 1})})
    assert verdict(found=heard(agreement=[once])).warnings == []


def test_people_who_do_not_decide_undermine_nothing():
    said = verdict(judges=("oracle",), found=heard(agreement=[agreed("people:ann", "people:ben", 0.5, 0.5)]))
    assert any("people:ann and people:ben hardly agree" in each for each in said.warnings)
    assert "But" not in said.sentence


def test_people_who_could_not_tell_have_judged_and_are_not_unread():
    unsure = [each.model_copy(update={"judge": "people", "n": 70, "asked": 100, "unparsed": 30}) for each in WON]
    [told] = doubts(ARMS, unsure, ["people"], heard(), CLEAN, prompts=100, looked_at=dict.fromkeys((each.b for each in unsure), 100))
    assert told.sentence == "People could not tell which answer is better on up to 30% of what they judged."
    assert not told.undermines


def test_one_judge_alone_is_said():
    assert verdict(judges=("oracle",)).warnings == ["One judge only: nobody was asked whether they agree with oracle."]


def test_people_who_have_not_judged_are_awaited_and_said():
    said = verdict(judges=("oracle",), awaited=("people",))
    assert said.outcome == "less is more"
    assert "People have not judged yet" in said.warnings[-1]


def test_people_who_are_not_through_are_warned_not_to_stop_where_it_pleases():
    partly = [each.model_copy(update={"judge": "people", "n": n}) for each, n in zip(WON, (40, 41, 40, 40), strict=True)]
    [told] = doubts(ARMS, partly, ["people"], heard(), CLEAN, prompts=100)
    assert told.sentence.startswith("People have judged 40 of 100 prompts so far: ")
    assert not told.undermines
    assert doubts(ARMS, partly, ["people"], heard(), CLEAN, prompts=40) == []
    machine = [each.model_copy(update={"judge": "oracle"}) for each in partly]
    assert not any("so far" in doubt.sentence for doubt in doubts(ARMS, machine, ["oracle"], heard(), CLEAN, prompts=100))


def test_unread_verdicts_are_told_and_many_of_them_undermine():
    some, most = (replaced(WON[2].model_copy(update={"unparsed": n})) for n in (60, 200))  # of 100 prompts x (3 + 3) ratings
    told = verdict(some)
    assert "Many verdicts by oracle could not be read, for all: 10% of them." in told.warnings
    assert "But" not in told.sentence
    assert "But many verdicts by oracle could not be read" in verdict(most).sentence


def test_orders_that_disagree_are_told():
    pairs = replaced(WON[2].model_copy(update={"kind": "pair"}))
    told = bias("all", longer=0.5).model_copy(update={"flips": known(0.21, 0.15, 0.27)})
    said = verdict(pairs, found=heard([told])).warnings
    assert "oracle often changed its mind with the order of the answers, for all" in said[0]
    steady = told.model_copy(update={"flips": known(0.2, 0.14, 0.26)})
    assert verdict(pairs, found=heard([steady])).warnings == []


@pytest.mark.parametrize("seeds", [1, 3])
def test_pairs_are_counted_as_they_were_shown(seeds):
    """Each seed met the other arm's of its rank, in both orders: of 20 pairs of a seed every fourth flips, every tenth is not read."""
    rows = []
    for prompt in range(20):
        for seed in range(seeds):
            for order in ("ab", "ba"):
                said = None if prompt % 10 == 9 else "b" if order == "ba" and prompt % 4 == 1 else "a"
                row = {"prompt_id": f"p{prompt:02}", "sample": 0, "judge": "j", "criterion": "overall", "kind": "model"}
                rows.append(row | {"a": "claim", "a_seed": seed, "b": "all", "b_seed": seed, "order": order, "verdict": said})
    table = pa.Table.from_pylist(rows, tables.VERDICTS)
    claim, other = ArmEvidence(name="claim", role="claim"), ArmEvidence(name="all", role="baseline")
    paired = arrays.paired(table, "claim")
    [found] = compare([claim, other], {}, paired)
    assert (found.asked, found.unparsed, found.flipped) == (40 * seeds, 4 * seeds, 4 * seeds)
    told = _of_pairs("j", "all", list(paired.values()), {})
    warned = list(_unread("j", [found], [told]))
    assert [doubt.sentence for doubt in warned] == [
        "Many verdicts by j could not be read, for all: 10% of them.",
        "j often changed its mind with the order of the answers, for all; such pairs count as ties.",
    ]


def test_a_win_inside_the_noise_bar_is_told_and_does_not_undermine():
    bar = NoiseBar(arm="curated-100", judge="oracle", kind="rating", seeds=3, net=known(0.0, -0.45, 0.45))
    said = verdict(found=heard(noise=[bar]))
    assert said.warnings == [
        "curated-100 against itself with another seed comes out as far as +45 points apart by oracle: one seed alone could have brought"
        " the +42 against all."
    ]
    assert "But" not in said.sentence


def test_contamination_is_first_in_the_sentence_and_among_the_warnings():
    said = verdict(contamination=Contamination(training_rows={"curated-100": 3}))
    assert said.sentence.startswith("Contaminated: 3 examples of curated-100")
    assert said.warnings[0].startswith("Test prompts stand in the training sets of curated-100")
    assert "Contamination was not checked" in verdict(contamination=Contamination(checked=False)).warnings[0]


def test_a_failed_baseline_leaves_the_question_open():
    arms = [arm.model_copy(update={"failed": "out of memory."}) if arm.name == "all" else arm for arm in ARMS]
    said = verdict([each for each in WON if each.b != "all"], arms=arms)
    assert said.outcome == "cannot tell"
    assert "but all (out of memory) has no model" in said.sentence
    assert any(each.startswith("all has no model") for each in said.warnings)


def test_a_claim_that_failed_cannot_be_told():
    said = verdict([], arms=[ARMS[0].model_copy(update={"failed": "out of memory."}), *ARMS[1:]])
    assert (said.outcome, said.sentence) == ("cannot tell", "Cannot tell. curated-100 has no model (out of memory).")


def test_variants_take_no_part():
    variant = ARMS[1].model_copy(update={"name": "curated-400", "role": "variant", "examples": 400, "family": "curated"})
    said = verdict([*WON, lost("curated-400", p_holm=None)], arms=[*ARMS, variant])
    assert said.outcome == "less is more"
