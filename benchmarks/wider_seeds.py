"""What decision 26 did not take: degrees of freedom from the seeds' mean squares. Writes benchmarks/wider_seeds.json.

    python benchmarks/wider_seeds.py

The studies are those of `verdict_rule.py`, of the same random numbers; only the width of intervals over seeds is another. The mean
squares of the seeds count in Satterthwaite's formula whether or not they exceed what alike seeds would show.
"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from verdict_rule import SPREADS, simulate, worlds

from thousand.statistics import bootstrap
from thousand.statistics.outcomes import per_prompt
from thousand.statistics.seeds import Error, of_prompts

STUDIES = 1000
Floats = NDArray[np.float64]


def by_mean_squares(values: Floats) -> Error | None:
    """As `thousand.statistics.seeds.error`, of whole tables. (first seeds, second seeds, prompts)"""
    prompts, n = of_prompts(per_prompt(values)), values.shape[-1]
    variance, shares = prompts, prompts**2 / (n - 1)
    for arm in (per_prompt(values, keep=1), per_prompt(np.moveaxis(values, 1, 0), keep=1)):
        seeds = len(arm)
        if seeds > 1:
            left = arm - arm.mean(axis=0) - arm.mean(axis=1, keepdims=True) + arm.mean()
            alike = float((left**2).sum() / ((seeds - 1) * (n - 1)) / n / seeds)
            found = float(arm.mean(axis=1).var(ddof=1) / seeds)
            variance += max(0.0, found - alike)
            shares += found**2 / (seeds - 1) + alike**2 / ((seeds - 1) * (n - 1))
    return Error(variance, variance**2 / shares if shares > 0 else np.inf)


def main() -> None:
    """The points of the two bars, and those where the rule as it is claims too much."""
    usual, other = SPREADS
    bootstrap.error = by_mean_squares
    found = []
    for prompts, net, kind, spread in (
        (300, 0.0, "near", usual),
        (300, 0.0, "near", other),
        (300, 0.1, "near", usual),
        (300, 0.1, "every", usual),
        (1000, 0.0, "near", usual),
    ):
        point = {"prompts": prompts, "net": net, "kind": kind, "spread": spread}
        found.append(point | simulate(worlds(net, SPREADS[spread], prompts, kind), STUDIES))
        print(json.dumps(found[-1]), flush=True)
    (Path(__file__).parent / "wider_seeds.json").write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
