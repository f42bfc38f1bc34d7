"""The claim against every other arm: from verdicts to wins, ties and losses with their interval and test."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from thousand.report import arrays
from thousand.report.arrays import Floats
from thousand.report.evidence import ArmEvidence
from thousand.report.summary import Bounds, Comparison
from thousand.statistics import Interval, holm, net_interval, outcomes, per_prompt, sign_flip_test


def compare(
    arms: Sequence[ArmEvidence], rated: Mapping[arrays.Key, arrays.Rated], paired: Mapping[arrays.Key, arrays.Paired]
) -> list[Comparison]:
    """One comparison of the first arm with each other arm, for each judge and criterion, in the order of the arms.

    Ratings: the higher rating wins, equal ones tie; every seed of the claim meets every seed of the other arm, every sample
    every sample. Pairs: the seeds and samples that were judged, both orders merged (see `arrays.paired`).
    An arm that a judge did not see has no comparison by that judge. Holm's correction is over the arms that the claim is to
    beat (baselines and base, not guards and variants), apart for each judge and criterion.
    """
    claim = arms[0].name
    found: list[Comparison] = []
    for judge, criterion in _in_order((*rated, *paired)):
        for kind in ("pair", "rating"):
            family: list[Comparison] = []
            for arm in arms[1:]:
                own, other = rated.get((judge, criterion, claim)), rated.get((judge, criterion, arm.name))
                pair = paired.get((judge, criterion, arm.name))
                if kind == "pair" and pair is not None:
                    asked = pair.rows.num_rows, pair.unparsed
                    family.append(_comparison(claim, arm.name, judge, criterion, pair.won, pair.lost, asked, pair.flipped))
                elif kind == "rating" and own is not None and other is not None:
                    won, lost = arrays.beats(own, other)
                    asked = own.asked + other.asked, own.unparsed + other.unparsed
                    family.append(_comparison(claim, arm.name, judge, criterion, won, lost, asked, None))
            found += _corrected(family, {arm.name for arm in arms if arm.role not in ("baseline", "base")})
    return found


def bounds(interval: Interval | None) -> Bounds | None:
    """Both ends of an interval."""
    return None if interval is None else (interval.low, interval.high)


def _comparison(
    a: str, b: str, judge: str, criterion: str, won: Floats, lost: Floats, asked: tuple[int, int], flipped: int | None
) -> Comparison:
    """From shares won and lost, (a's seeds, b's seeds, prompts), and how much was asked and not read. ``flipped`` is None for ratings."""
    score = won - lost
    shares = outcomes(won, lost)
    interval = net_interval(score)
    return Comparison(
        a=a,
        b=b,
        judge=judge,
        criterion=criterion,
        kind="rating" if flipped is None else "pair",
        win=shares.win if shares else None,
        tie=shares.tie if shares else None,
        lose=shares.lose if shares else None,
        net=shares.net if shares else None,
        interval=bounds(interval),
        seeds_resampled=interval is not None and interval.seeds_resampled,
        p=sign_flip_test(per_prompt(score)),
        n=shares.n if shares else 0,
        asked=asked[0],
        unparsed=asked[1],
        flipped=flipped or 0,
        seeds_a=score.shape[0],
        seeds_b=score.shape[1],
    )


def _corrected(family: Sequence[Comparison], beside: set[str]) -> list[Comparison]:
    corrected = holm([None if each.b in beside else each.p for each in family])
    return [each.model_copy(update={"p_holm": p}) for each, p in zip(family, corrected, strict=True)]


def _in_order(keys: Sequence[arrays.Key]) -> list[tuple[str, str]]:
    """Judges and criteria, each once, in the order in which verdicts name them."""
    return list(dict.fromkeys((judge, criterion) for judge, criterion, _ in keys))
