"""What one sees in the picture of the choice, in a few sentences for each part of it, with its numbers."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from thousand.report import wording
from thousand.report.choice import DRAWN, SAMPLE, Picture

_CELLS = 12  # to a side


def maps(picture: Picture) -> str:
    """How far over the map the picks of each arm reach, how many the rules drop, and how little a map can show."""
    low, high = picture.frame()

    def cells(points: NDArray[np.float64]) -> set[tuple[int, int]]:
        inside = np.clip((points - low) / (high - low), 0, 1 - 1e-9)
        return {(int(x), int(y)) for x, y in inside * _CELLS}

    pool = cells(picture.places)
    reach = [f"{arm.name} {len(cells(arm.places) & pool)}" for arm in picture.arms]
    dropped = [f"{wording.percent(float((~arm.kept).mean()))} of {arm.name}" for arm in picture.arms if not arm.kept.all()]
    sampled = f", drawn by a sample of {SAMPLE:,}" if picture.count > SAMPLE else ""
    hollow = f" Hollow dots are picks that the rules drop: {wording.listed(dropped)}." if dropped else ""
    cut = f" Of each arm the first {DRAWN:,} picks are drawn." if any(arm.count > DRAWN for arm in picture.arms) else ""
    return (
        f"Grey: the {wording.plural(picture.count, 'prompt')} that the rules keep{sampled}; near dots ask like things. Coloured: the picks."
        f"{hollow} Of the {len(pool)} cells of a {_CELLS} by {_CELLS} grid that hold a kept prompt, picks reach: {wording.listed(reach)}."
        f"{cut} The two directions of the map hold {wording.percent(picture.variance)} of the variance of the prompts;"
        " the curves below look at all of it."
    )


def curves(picture: Picture) -> str:
    """What equal numbers of picks cover, and with how many the claim covers what each other arm covers in the end."""
    claim, *others = picture.arms
    equal = min(len(arm.coverage) for arm in picture.arms)
    reached = wording.listed([f"{arm.name} {arm.coverage[equal - 1]:.2f}" for arm in picture.arms])
    enough = [(arm, int((claim.coverage < arm.coverage[-1]).sum()) + 1) for arm in others]
    needs = [f"{n:,} for the {len(arm.coverage):,} of {arm.name}" for arm, n in enough if n <= len(claim.coverage)]
    never = [arm.name for arm, n in enough if n > len(claim.coverage)]
    return (
        "How like a kept prompt is to the pick nearest to it: the mean cosine, after each pick in its order."
        f" With {wording.plural(equal, 'pick')}: {reached}."
        + (f" To cover what another arm covers in the end {claim.name} needs {wording.listed(needs)}." if needs else "")
        + (f" It does not come so far as {wording.listed(never)}." if never else "")
    )


def lengths(picture: Picture) -> str:
    """The median length of each arm's responses and of the pool's."""
    each = wording.listed([f"{arm.name} {half(arm.lengths)}" for arm in picture.arms])
    return (
        "Characters of the response, on a scale that grows by factors; the few beyond an end stand at it."
        f" Grey: the rows that the rules keep; line: the picks. Medians: kept rows {half(picture.lengths)}, {each}."
    )


def sources(picture: Picture) -> str:
    """For each arm the source whose share of the picks differs most from its share of the kept rows."""
    told = []
    for number, arm in enumerate(picture.arms, 1):
        name, shares = max(picture.shares(), key=lambda each: abs(each[1][number] - each[1][0]))
        told.append(f"{arm.name}, {name} ({wording.percent(shares[number])} of the picks, {wording.percent(shares[0])} of the kept rows)")
    return f"Coloured: shares of the picks; grey: of the rows that the rules keep. The greatest difference: {'; '.join(told)}."


def half(values: NDArray[np.int64]) -> str:
    """The median as it is said."""
    return f"{np.median(values):,.0f}"
