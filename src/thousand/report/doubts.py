"""What speaks against believing an outcome: doubts about the judges, the data and the noise, in the verdict itself.

A doubt that could alone explain why the claim won, or lost, undermines: its words go into the verdict's sentence. Floors:

- *Agreement.* Two judges whose tie-discounted agreement is less than `FLOOR` of the way from chance to full agreement hardly judge the
  same thing: "slight" by Landis and Koch (1977). LIMA's people reach 0.54 to 0.62 of it (section 4.2). It takes `ENOUGH_VERDICTS` to say
  so, and judges who agree on `AGREED` of them agree: where nearly every verdict is the same, chance alone comes near to them (the
  paradox of kappa: Feinstein and Cicchetti 1990).
- *Length.* A judge that gives `LENGTHY` of its verdicts to the longer answer may be counting letters. Where it likes length at all, a win
  must stand at equal length too (`thousand.statistics.length_control`): an interval of that win rate which reaches the other side of one
  half undermines it.
- *Unread.* From `UNREAD` on verdicts that could not be read are told; from `MOSTLY_UNREAD` on those that could may be another sort.
- *Noise.* A net win that the claim reaches against itself with another seed is told and does not undermine: one seed could have won it by
  luck, the mean of several need not have. As a condition the bar would cost a third and more of the power (`docs/decisions/25-*.md`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from thousand import tables
from thousand.report import wording
from thousand.report.heard import OVERALL, Heard
from thousand.report.measures import JudgeBias
from thousand.report.summary import ArmResult, Comparison, Contamination, Verdict
from thousand.report.verdict import beats, loses

FLOOR, AGREED = 0.2, 0.8
LENGTHY = 0.9
ENOUGH_VERDICTS = 20
UNREAD, MOSTLY_UNREAD = 0.05, 0.2
FLIPPED = 0.2
"""Between orders, judges of the field disagree on about 13% of pairs (FastChat's published GPT-4 judgments)."""


@dataclass(frozen=True)
class Doubt:
    """A sentence, and how it goes on after "But" in the verdict where it undermines the outcome."""

    sentence: str
    undermines: bool = False


def doubts(
    arms: Sequence[ArmResult],
    comparisons: Sequence[Comparison],
    judges: Sequence[str],
    heard: Heard,
    contamination: Contamination,
    awaited: Sequence[str] = (),
    prompts: int = 0,
    looked_at: Mapping[str, int] | None = None,
) -> list[Doubt]:
    """All of them, the gravest first.

    Args:
        judges: those that decide.
        awaited: those that are to judge and have not yet.
        prompts: held-out prompts asked of every arm. looked_at: of each arm, those that people judged, also where they could not tell.
    """
    counted = {arm.name for arm in arms[1:] if arm.role in ("baseline", "base")}
    deciding = [each for each in comparisons if each.judge in judges and each.criterion == OVERALL and each.b in counted]
    found = [
        *_contaminated(contamination),
        *(doubt for judge in judges for doubt in _length(judge, deciding, heard.biases)),
        *_agreement(judges, heard),
        *(doubt for judge in judges for doubt in _unread(judge, deciding, heard.biases)),
        *(doubt for judge in judges for doubt in _noise(judge, arms[0].name, deciding, heard)),
        *_people(awaited, judges),
        *_not_through(deciding, prompts, looked_at or {}),
        *_failed(arms),
    ]
    return sorted(found, key=lambda doubt: not doubt.undermines)


def doubted(verdict: Verdict, found: Sequence[Doubt]) -> Verdict:
    """The verdict with its doubts: all as warnings, and what undermines a win or a loss in its sentence."""
    sure = verdict.outcome in ("less is more", "more is more")
    grave = " ".join(f"But {_lower(doubt.sentence)}" for doubt in found if doubt.undermines) if sure else ""
    sentence = f"{verdict.sentence} {grave}".strip()
    return verdict.model_copy(update={"sentence": sentence, "warnings": [doubt.sentence for doubt in found]})


def _contaminated(contamination: Contamination) -> Iterator[Doubt]:
    rows = {name: n for name, n in contamination.training_rows.items() if n}
    if rows:
        yield Doubt(
            f"Test prompts stand in the training sets of {wording.listed(list(rows))}: their answers may be remembered and not learnt."
        )
    if not contamination.checked:
        yield Doubt("Contamination was not checked: test prompts may stand in the training sets.")


def _length(judge: str, deciding: Sequence[Comparison], biases: Sequence[JudgeBias]) -> Iterator[Doubt]:
    own = {each.b: each for each in biases if each.judge == judge}
    together = own.get(None)
    if together is None or together.longer.value is None:
        return
    sure = [each for each in deciding if each.judge == judge and not each.void and (beats(each) or loses(each))]
    explained = [each for each in sure if each.b in own and _by_length(own[each.b], together, won=beats(each))]
    if explained:
        told = "; ".join(_at_equal_length(each, own[each.b]) for each in explained)
        longer = f"{judge} gave {wording.percent(together.longer.value)} of its verdicts to the longer answer"
        yield Doubt(f"Length alone may explain what {judge} found against {told}: {longer}.", undermines=True)
    elif together.longer.n >= ENOUGH_VERDICTS and together.longer.value >= LENGTHY:
        yield Doubt(f"{judge} gave {wording.percent(together.longer.value)} of its verdicts without a tie to the longer answer.")


def _by_length(bias: JudgeBias, together: JudgeBias, *, won: bool) -> bool:
    """Whether a judge's liking for length could be all that made this difference: it helped the winner, and without it nothing is sure."""
    likes = together.length_slope.interval[0] > 0 if together.length_slope.interval else (together.longer.value or 0.0) >= LENGTHY
    helped = bias.longer_by is not None and (bias.longer_by > 0) == won and bias.longer.value is not None and bias.longer.value > 0.5
    if not (likes and helped):
        return False
    if bias.at_equal_length.value is None or bias.at_equal_length.interval is None:
        return (bias.longer.value or 0.0) >= LENGTHY  # nothing but length parts wins from losses: it cannot be taken out
    low, high = bias.at_equal_length.interval
    return low <= 0.5 if won else high >= 0.5


def _at_equal_length(comparison: Comparison, bias: JudgeBias) -> str:
    if bias.at_equal_length.value is None:
        return f"{comparison.b} (its win rate at equal length cannot be known)"
    rate, span = wording.percent(bias.at_equal_length.value), wording.percent_span(bias.at_equal_length.interval)
    return f"{comparison.b} (win rate at equal length {rate}" + (f", 95% interval {span})" if span else ")")


def _agreement(judges: Sequence[str], heard: Heard) -> Iterator[Doubt]:
    for each in heard.agreement:
        people = all(name.startswith(f"{tables.PEOPLE}:") for name in (each.first, each.second))
        together = each.first in judges and each.second in judges
        enough = each.tie_discounted.n >= ENOUGH_VERDICTS and (each.tie_discounted.value or 0.0) < AGREED
        if (people or together) and enough and each.above_chance is not None and each.above_chance < FLOOR:
            yield Doubt(
                f"{each.first} and {each.second} hardly agree: {wording.percent(each.tie_discounted.value)} of"
                f" {wording.plural(each.tie_discounted.n, 'verdict')} (ties discounted) where chance alone gives"
                f" {wording.percent(each.chance)}.",
                undermines=together or tables.PEOPLE in judges,
            )
    if len(judges) == 1 and judges[0] != tables.PEOPLE:
        yield Doubt(f"One judge only: nobody was asked whether they agree with {judges[0]}.")


def _unread(judge: str, deciding: Sequence[Comparison], biases: Sequence[JudgeBias]) -> Iterator[Doubt]:
    own = [each for each in deciding if each.judge == judge and each.n]
    shares = {each.b: each.unparsed / each.asked for each in own if each.asked}
    unread = {name: share for name, share in shares.items() if share > UNREAD}
    if unread and judge == tables.PEOPLE:  # nothing of theirs is unread: they said that they could not tell
        yield Doubt(f"People could not tell which answer is better on up to {wording.percent(max(unread.values()))} of what they judged.")
    elif unread:
        worst = max(unread.values())
        most = f"up to {wording.percent(worst)}" if len(unread) > 1 else wording.percent(worst)
        yield Doubt(
            f"Many verdicts by {judge} could not be read, for {wording.listed(list(unread))}: {most} of them.",
            undermines=worst > MOSTLY_UNREAD,
        )
    changed = {each.b: each.flips.value for each in biases if each.judge == judge}
    flipped = [each.b for each in own if (changed.get(each.b) or 0.0) > FLIPPED]
    if flipped:
        yield Doubt(
            f"{judge} often changed its mind with the order of the answers, for {wording.listed(flipped)}; such pairs count as ties."
        )


def _noise(judge: str, claim: str, deciding: Sequence[Comparison], heard: Heard) -> Iterator[Doubt]:
    bars = {each.kind: each.net.interval for each in heard.noise if (each.arm, each.judge) == (claim, judge)}
    for each in (each for each in deciding if each.judge == judge and not each.void and (beats(each) or loses(each))):
        bar = bars.get(each.kind) or bars.get("rating")
        if bar is not None and each.net is not None and abs(each.net) <= bar[1]:
            yield Doubt(
                f"{claim} against itself with another seed comes out as far as {wording.points(bar[1])} points apart by {judge}:"
                f" one seed alone could have brought the {wording.points(each.net)} against {each.b}."
            )


def _people(awaited: Sequence[str], judges: Sequence[str]) -> Iterator[Doubt]:
    for name in awaited:
        others = "; this is what the other judges say" if judges else ""
        where = "`thousand desk RUN` is where they do, and the recipe is run again when they have"
        yield Doubt(f"{name[0].upper()}{name[1:]} have not judged yet: {where}{others}.")


def _not_through(deciding: Sequence[Comparison], prompts: int, looked_at: Mapping[str, int]) -> Iterator[Doubt]:
    judged = min((looked_at.get(each.b, each.n) for each in deciding if each.judge == tables.PEOPLE and each.asked), default=prompts)
    if judged < prompts:
        yield Doubt(
            f"People have judged {judged:,} of {wording.plural(prompts, 'prompt')} so far: whoever looks again and again, and stops where"
            " the answer pleases, finds differences that are not there. Settle beforehand how many are to be judged."
        )


def _failed(arms: Sequence[ArmResult]) -> Iterator[Doubt]:
    for arm in arms[1:]:
        if arm.failed is not None:
            yield Doubt(f"{arm.name} has no model and was not compared ({arm.failed.rstrip('.')}).")


def _lower(sentence: str) -> str:
    """With a small first letter where it begins with one of our own words, not with a name."""
    return sentence[0].lower() + sentence[1:] if sentence.startswith(("Length", "Many")) else sentence
