"""How often the verdict's rule is wrong, and how often it finds what is there. Writes benchmarks/verdict_rule.json and its picture.

    python benchmarks/verdict_rule.py --studies 1000

A study is a claim, a random and a longest arm of its size, one with far more examples and the untouched base, three seeds each, rated from
1 to 6 on the same prompts; it is compared and decided by the code that decides a run. A rating is a latent quality, cut where the claim
gets the shares of each rating that curated-100 got in the laboratory (`SHARES`), so that good arms tie as often as they do there:

    quality = level of the arm + prompt + arm on that prompt + seed of the arm + the drawing of the answer (and the seed on that prompt)

The spreads are set so that the variances of the ratings are near those measured there (`MEASURED`; `--measure RUN` measures them again).
The level of an arm is set so that its true net win is what the study says, over all prompts and seeds there could be.
"""

from __future__ import annotations

import argparse
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.stats import norm

from thousand import statistics as st
from thousand.manifest import write_text
from thousand.report import ArmEvidence, ArmResult, Contamination, arrays
from thousand.report.compare import compare
from thousand.report.verdict import decide

HERE = Path(__file__).parent
Floats = NDArray[np.float64]

ARMS = (("claim", "claim", 100), ("random", "baseline", 100), ("longest", "baseline", 100), ("all", "baseline", 5000), ("none", "base", 0))
SHARES = (24, 4, 1, 5, 41, 285)
"""Of the ratings 1 to 6 of curated-100, three seeds of 120 prompts."""
MEASURED = {"prompt": 0.479, "seed": -0.009, "sampling": 1.295, "mean": 5.472, "ties with another seed": 0.742}
FAR = 0.4
_CROWD = 400_000
PROMPTS = (50, 100, 300, 1000)
"""Of the curves that are drawn."""


@dataclass(frozen=True)
class Spread:
    """Standard deviations of the parts of a quality; the claim's level is 0."""

    prompt: float
    arm: float
    seed: float
    drawing: float

    @property
    def cuts(self) -> Floats:
        """Where one rating ends and the next begins: the claim gets each as often as `SHARES` say."""
        total = np.sqrt(self.prompt**2 + self.arm**2 + self.seed**2 + self.drawing**2)
        cuts: Floats = total * norm.ppf(np.cumsum(SHARES)[:-1] / sum(SHARES))
        return cuts

    def ratings(self, level: float, seeds: int, hard: Floats, generator: np.random.Generator) -> Floats:
        """One arm's ratings. hard (prompts,) -> (seeds, 1, prompts)"""
        n = hard.size
        own = hard + generator.normal(0, self.arm, n)
        raw = level + own + generator.normal(0, self.seed, (seeds, 1)) + generator.normal(0, self.drawing, (seeds, n))
        return 1.0 + np.searchsorted(self.cuts, raw)[:, None, :]


@dataclass(frozen=True)
class World:
    """What is true of a study: the claim's net win over each baseline, -1 to 1, in the order of `ARMS`."""

    prompts: int
    nets: tuple[float, float, float, float]
    spread: Spread
    seeds: int = 3


def worlds(net: float, spread: Spread, prompts: int, kind: str) -> World:
    """``near``: the largest arm is the only one so near, the others are far behind. ``every``: all four are as near."""
    return World(prompts, (FAR, FAR, net, 0.9) if kind == "near" else (net,) * 4, spread)


@lru_cache(maxsize=256)
def level_for(net: float, spread: Spread) -> float:
    """The level of an arm against which the claim's true net win is ``net``."""
    low, high = -8.0, 8.0
    for _ in range(22):
        middle = (low + high) / 2
        low, high = (middle, high) if true_net(middle, spread) > net else (low, middle)
    return (low + high) / 2


def true_net(level: float, spread: Spread) -> float:
    """The claim's net win over an arm of that level: every prompt and seed of a large crowd is new, and the same for every level."""
    generator = np.random.default_rng(5)
    hard = generator.normal(0, spread.prompt, _CROWD)
    crowd = replace(spread, arm=float(np.sqrt(spread.arm**2 + spread.seed**2)), seed=0.0)  # the cuts stay where they are
    ours, theirs = (crowd.ratings(each, 1, hard, generator) for each in (0.0, level))
    return float(np.sign(ours - theirs).mean())


def study(world: World, generator: np.random.Generator) -> dict[arrays.Key, arrays.Rated]:
    """The ratings of one study, as `arrays.rated` gives them."""
    hard = generator.normal(0, world.spread.prompt, world.prompts)
    levels = [0.0, *(level_for(net, world.spread) for net in world.nets)]
    at = (tuple(range(world.seeds)), (0,))
    return {
        ("oracle", "overall", name): arrays.Rated(world.spread.ratings(level, world.seeds, hard, generator), 0, at)
        for (name, _, _), level in zip(ARMS, levels, strict=True)
    }


def outcome(rated: Mapping[arrays.Key, arrays.Rated], *, bar: bool = False) -> str:
    """What the rule says of it; with ``bar`` a win counts only outside the claim's own noise bar, which the rule does not ask for."""
    evidence = [ArmEvidence(name=name, role=role) for name, role, _ in ARMS]  # type: ignore[arg-type]
    shown = {"seeds": 3, "draws": 1, "steps": 60, "epochs": 1.0}
    arms = [ArmResult(name=name, role=role, examples=n, **shown) for name, role, n in ARMS]  # type: ignore[arg-type]
    comparisons = compare(evidence, rated, {})
    if bar:
        own = rated["oracle", "overall", "claim"].values
        high = st.noise_bar(st.versus(own, own)).interval.high  # type: ignore[union-attr]
        comparisons = [each.model_copy(update={"p": 1.0, "p_holm": 1.0}) if abs(each.net or 0) <= high else each for each in comparisons]
    return decide(arms, comparisons, ["oracle"], {}, Contamination()).outcome


def simulate(world: World, studies: int, *, bar: bool = False) -> dict[str, Any]:
    """Outcomes of so many studies: the share of each, and Wilson intervals of a win and of any claim of a difference."""
    generator = np.random.default_rng([world.prompts, *(int(1000 * (1 + net)) for net in world.nets)])
    said = Counter(outcome(study(world, generator), bar=bar) for _ in range(studies))
    found, claimed = said["less is more"], said["less is more"] + said["more is more"]
    return {
        "outcomes": {name: said[name] / studies for name in ("less is more", "more is more", "no difference shown", "cannot tell")},
        "less is more": [found / studies, *_wilson(found, studies)],
        "claims a difference": [claimed / studies, *_wilson(claimed, studies)],
        "studies": studies,
    }


def _wilson(successes: int, n: int) -> tuple[float, float]:
    found = st.wilson(successes, n)
    return (0.0, 1.0) if found is None else (found.low, found.high)


def measured(values: Floats) -> dict[str, float | None]:
    """Variances of ratings (seeds, samples, prompts), and what net wins over another seed are spread by."""
    parts = st.components(values)
    return {name: getattr(parts, name).value for name in ("prompt", "seed", "interaction", "sampling")}


def of_run(folder: Path) -> dict[str, Any]:
    """The same of every arm that a finished run's first judge rated, and the ties and spread of the claim's verdicts."""
    from thousand import tables

    rated = arrays.rated(tables.read(folder / "verdicts.parquet"))
    found: dict[str, Any] = {}
    names = [name for (_, criterion, name) in rated if criterion == "overall"]
    first = next(iter(rated))[0]
    for name in names:
        own = rated[first, "overall", name].values
        against = st.versus(rated[first, "overall", names[0]].values, own)
        found[name] = measured(own) | {"mean": float(np.nanmean(own)), "ties": float(np.mean(against == 0)), "net": float(np.mean(against))}
        found[name]["standard error of the net over prompts"] = st.standard_error(st.per_prompt(against))
    return found


def like(spread: Spread) -> dict[str, Any]:
    """What of a large simulated arm would be measured."""
    generator = np.random.default_rng(3)
    hard = generator.normal(0, spread.prompt, 4000)
    own = spread.ratings(0.0, 12, hard, generator)
    ties = float(np.mean(st.versus(own[:1], own[1:2]) == 0))
    return measured(own) | {"mean": float(own.mean()), "ties with another seed": ties}


SPREADS = {
    "as in the laboratory": Spread(prompt=0.6, arm=0.45, seed=0.05, drawing=1.0),
    "seeds that differ more": Spread(prompt=0.6, arm=0.45, seed=0.15, drawing=1.0),
}


def draw(found: Mapping[str, Any], path: Path) -> None:
    """Found wins by the true difference, a line for each number of prompts; both bars and both ways of being near."""
    import matplotlib as mpl
    from matplotlib import pyplot as plt

    mpl.rcParams.update({"svg.fonttype": "none", "svg.hashsalt": "thousand", "font.family": "sans-serif", "font.size": 10})
    figure, axes = plt.subplots(1, 2, figsize=(9, 3.6), sharey=True)
    titles = {"near": "one baseline is so near, the others are far", "every": "every baseline is so near"}
    for axis, (kind, title) in zip(axes, titles.items(), strict=True):
        usual = next(iter(SPREADS))
        rows = [row for row in found["points"] if (row["kind"], row["spread"], row["noise bar as a condition"]) == (kind, usual, False)]
        for prompts, colour in zip(PROMPTS, ("#9ab8d8", "#5f93c4", "#1f5f9e", "#0b2f57"), strict=False):
            own = sorted((row for row in rows if row["prompts"] == prompts), key=lambda row: row["net"])
            found_in = [100 * row["less is more"][0] for row in own]
            axis.plot([100 * row["net"] for row in own], found_in, color=colour, marker="o", ms=3.5, label=f"{prompts:,} prompts")
        axis.axhline(80, color="#999999", lw=0.8, ls="--")
        axis.axhline(5, color="#999999", lw=0.8, ls=":")
        axis.set(title=title, xlabel="true net win over it, in points", ylim=(0, 102), xlim=(0, 20.5))
        axis.spines[["top", "right"]].set_visible(False)
    axes[1].legend(frameon=False, fontsize=9, loc="upper left")
    axes[0].set_ylabel("studies that say less is more, %")
    figure.tight_layout()
    figure.savefig(path, metadata={"Date": None})


def points() -> list[dict[str, Any]]:
    """Every point to simulate, those of the two bars first."""
    usual, other = SPREADS
    bars = [(300, net, kind, usual, False) for net in (0.0, 0.1) for kind in ("near", "every")]
    conditions = [(300, net, "near", usual, True) for net in (0.0, 0.1)]
    harder = [(300, net, "near", other, False) for net in (0.0, 0.1)]
    remedies = [(400, 0.1, "every", usual, False), (1000, 0.0, "near", other, False)]  # more prompts: one helps, one does not
    grid = [(n, net, kind, usual, False) for n in PROMPTS for net in (0.0, 0.05, 0.1, 0.15, 0.2) for kind in ("near", "every")]
    keys = ("prompts", "net", "kind", "spread", "noise bar as a condition")
    return [dict(zip(keys, each, strict=True)) | {"seeds": 3} for each in dict.fromkeys([*bars, *conditions, *harder, *remedies, *grid])]


def main(args: Sequence[str] | None = None) -> None:
    """Simulate every point; those that are in the file already, from as many studies, are not done again."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--studies", type=int, default=1000)
    parser.add_argument("--out", type=Path, default=HERE / "verdict_rule.json")
    parser.add_argument("--measure", type=Path, default=None, help="a run directory: print what its ratings are spread by, and stop")
    given = parser.parse_args(args)
    if given.measure is not None:
        print(json.dumps({"measured": of_run(given.measure), "simulated": {name: like(each) for name, each in SPREADS.items()}}, indent=1))
        return
    done = json.loads(given.out.read_text(encoding="utf-8"))["points"] if given.out.exists() else []
    spreads = {name: asdict(each) | {"measured as": like(each)} for name, each in SPREADS.items()}
    found: dict[str, Any] = {"laboratory": MEASURED, "spreads": spreads, "points": []}
    for point in points():
        known = next((row for row in done if point.items() <= row.items() and row["studies"] >= given.studies), None)
        if known is None:
            world = worlds(point["net"], SPREADS[point["spread"]], point["prompts"], point["kind"])
            known = point | simulate(world, given.studies, bar=point["noise bar as a condition"])
            print(json.dumps(known), flush=True)
        found["points"].append(known)
        reached = [{key: row[key] for key in point} for row in found["points"]]
        left = [row for row in done if {key: row[key] for key in point} not in reached]  # what an interrupted run may have beyond
        write_text(given.out, json.dumps(found | {"points": [*found["points"], *left]}, indent=1) + "\n")
    draw(found, HERE.parent / "docs" / "images" / "verdict_rule.svg")


if __name__ == "__main__":
    main()
