"""The judges of a run beside what they decided: noise of their verdicts, agreement, and what they lean on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pyarrow as pa

from thousand import statistics as st
from thousand.report import arrays, biases, judges_agree, spread
from thousand.report.arrays import Floats
from thousand.report.evidence import Evidence
from thousand.report.measures import Agreement, JudgeBias, Measured, NoiseBar

OVERALL = "overall"
_NO_ORDER = st.Estimate(None, 0, None, "each answer was rated by itself: none was shown first")
_NO_LENGTHS = st.Estimate(None, 0, None, "the answers are not at hand: their lengths are not known")


@dataclass(frozen=True)
class Heard:
    """What the summary says of the judges."""

    noise: list[NoiseBar]
    agreement: list[Agreement]
    alpha: Measured | None
    biases: list[JudgeBias]


def heard(evidence: Evidence, rated: Mapping[arrays.Key, arrays.Rated], paired: Mapping[arrays.Key, arrays.Paired]) -> Heard:
    """Every judge on the criterion "overall"; the judges that decide stand first."""
    verdicts = evidence.verdicts
    named = (name for side in "ab" for name in verdicts[side].to_pylist() if name)
    arms = list(dict.fromkeys([*(arm.name for arm in evidence.arms), *named]))
    judges = list(dict.fromkeys([*evidence.judges, *verdicts["judge"].to_pylist()]))
    duels = arrays.duels(verdicts, arms)
    judged = judges_agree.decided(judges, arms, duels, rated) if len(judges) > 1 else {}
    alpha = judges_agree.alpha({judge: items for judge, items in judged.items() if items})
    return Heard(
        noise=[_noise(each) for each in spread.noise(duels, rated) if each.criterion == OVERALL],
        agreement=[_agreement(each) for each in judges_agree.agreement(judged)],
        alpha=None if alpha is None else Measured.of(alpha),
        biases=[each for judge in judges for each in _biases(evidence, judge, rated, paired)],
    )


def _noise(found: spread.Noise) -> NoiseBar:
    return NoiseBar(
        arm=found.arm,
        judge=found.judge,
        kind="pair" if found.kind == "pair" else "rating",
        seeds=found.seeds,
        net=Measured.of(found.net),
    )


def _agreement(found: judges_agree.Agreed) -> Agreement:
    return Agreement(
        first=found.first,
        second=found.second,
        tie_discounted=Measured.of(found.tie_discounted),
        chance=found.tie_discounted.chance,
        above_chance=found.tie_discounted.above_chance,
        strict=Measured.of(found.strict),
        kappa=Measured.of(found.kappa),
    )


def _biases(
    evidence: Evidence, judge: str, rated: Mapping[arrays.Key, arrays.Rated], paired: Mapping[arrays.Key, arrays.Paired]
) -> Iterator[JudgeBias]:
    """Of one judge: all arms together, then each; an arm that was seen in pairs and rated is told by its pairs."""
    lengths = biases.lengths({(arm.name, seed): table for arm in evidence.arms for seed, table in arm.answers.items()})
    others = [arm.name for arm in evidence.arms[1:]]
    pairs = {name: paired[judge, OVERALL, name] for name in others if (judge, OVERALL, name) in paired}
    if pairs:
        yield _of_pairs(judge, None, list(pairs.values()), lengths)
        for name, pair in pairs.items():
            yield _of_pairs(judge, name, [pair], lengths)
    own = rated.get((judge, OVERALL, evidence.claim.name))
    if own is None:
        return
    prompts = arrays.prompts_of(evidence.verdicts)
    ours = _lengths(lengths, evidence.claim.name, own, prompts)
    scores = {}
    for name in others:
        theirs = rated.get((judge, OVERALL, name))
        if theirs is not None and name not in pairs:
            scores[name] = (st.versus(own.values, theirs.values), _longer(ours, _lengths(lengths, name, theirs, prompts)))
    if scores:
        yield _of_ratings(judge, None, [*scores.values()])
        for name, score in scores.items():
            yield _of_ratings(judge, name, [score])


def _of_pairs(judge: str, b: str | None, pairs: Sequence[arrays.Paired], lengths: Mapping[biases.Place, int]) -> JudgeBias:
    found = biases.bias(pa.concat_tables([pair.rows for pair in pairs]), lengths)
    rows = [row for pair in pairs for row in pair.rows.to_pylist()]
    apart = [_apart(lengths, row) for row in rows]
    known = [each for each in apart if each is not None]
    longer_by = float(np.mean(known)) if known else None
    return _bias(judge, b, "pair", found, _win_rate([pair.score for pair in pairs]), longer_by)


def _apart(lengths: Mapping[biases.Place, int], row: Mapping[str, object]) -> int | None:
    places = [(row[side], row[f"{side}_seed"], row["prompt_id"], row["sample"]) for side in "ab"]
    ours, theirs = (lengths.get(place) for place in places)  # type: ignore[arg-type]
    return None if ours is None or theirs is None else ours - theirs


def _of_ratings(judge: str, b: str | None, scores: Sequence[tuple[Floats, Floats]]) -> JudgeBias:
    """Scores (claim's seeds, other's seeds, pairs of samples, prompts) and by how much the claim's answer is longer, one for each arm."""
    score, longer = (np.concatenate([each[at].reshape(-1, each[at].shape[-1]) for each in scores]) for at in (0, 1))
    known = not np.isnan(longer).all()
    controlled = st.length_controlled(score, longer) if known else st.LengthControlled(_NO_LENGTHS, _NO_LENGTHS)
    found = biases.Bias(
        ties=st.tie_rate(score),
        flips=_NO_ORDER,
        first=_NO_ORDER,
        position=_NO_ORDER,
        longer=st.longer_wins(np.where(np.isnan(longer), np.nan, score), np.nan_to_num(longer)) if known else _NO_LENGTHS,
        at_equal_length=controlled.win_rate,
        slope=controlled.slope,
    )
    longer_by = float(np.nanmean(np.where(np.isnan(score), np.nan, longer))) if (known and not np.isnan(score + longer).all()) else None
    return _bias(judge, b, "rating", found, _win_rate([each for each, _ in scores]), longer_by)


def _bias(
    judge: str, b: str | None, kind: Literal["rating", "pair"], found: biases.Bias, win_rate: st.Estimate, longer_by: float | None
) -> JudgeBias:
    return JudgeBias(
        judge=judge,
        b=b,
        kind=kind,
        ties=Measured.of(found.ties),
        flips=Measured.of(found.flips),
        first=Measured.of(found.first),
        position=Measured.of(found.position),
        longer=Measured.of(found.longer),
        win_rate=Measured.of(win_rate),
        at_equal_length=Measured.of(found.at_equal_length),
        length_slope=Measured.of(found.slope),
        longer_by=longer_by,
    )


def _win_rate(scores: Sequence[Floats]) -> st.Estimate:
    """Of one arm with its seeds; of several arms the mean over arms, over the seeds at hand."""
    if len(scores) == 1:
        return st.wins(scores[0]).win_rate
    together = np.stack([st.per_prompt(score) for score in scores])
    return st.wins(together[None, None]).win_rate


def _lengths(lengths: Mapping[biases.Place, int], arm: str, rated: arrays.Rated, prompts: Sequence[str]) -> Floats:
    """Characters of each answer, as the ratings stand: (seeds, samples, prompts); NaN where the answer is not at hand."""
    seeds, samples = rated.at
    found = [[[lengths.get((arm, seed, prompt, sample)) for prompt in prompts] for sample in samples] for seed in seeds]
    return np.array(found, dtype=np.float64)


def _longer(ours: Floats, theirs: Floats) -> Floats:
    """As `thousand.statistics.versus` pairs seeds and samples."""
    apart = ours[:, None, :, None, :] - theirs[None, :, None, :, :]
    return apart.reshape(*apart.shape[:2], -1, apart.shape[-1])
