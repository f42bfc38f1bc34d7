"""How often a 95% interval holds the truth: prompts drawn whole, beside rows drawn one by one. Writes benchmarks/coverage.json.

    python benchmarks/coverage.py --trials 2000

Every trial draws prompts that differ, answers of each seed that differ less, and the true mean is zero. "rows" is the usual
bootstrap, which takes every row for an independent one. With several seeds there are also models that differ on every prompt alike;
an interval that claims to speak of other seeds must allow for them, and no resampling of two or three seeds can do so in full.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from thousand.statistics import Interval, mean_interval, net_interval

HERE = Path(__file__).parent
DRAWS = 1000
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class World:
    """Where ratings or verdicts come from; the spreads are standard deviations.

    Attributes:
        verdicts: whether only the sign of a difference is seen (win, lose, or tie when it is small), as a judge gives it.
    """

    prompts: int
    seeds: int = 1
    samples: int = 3
    prompt: float = 1.0
    seed: float = 0.0
    sampling: float = 0.6
    verdicts: bool = False

    def draw(self, generator: np.random.Generator) -> Floats:
        """(seeds, samples, prompts); the mean over all prompts, seeds and samples there could be is zero."""
        prompt = generator.normal(0, self.prompt, self.prompts)
        seed = generator.normal(0, self.seed, (self.seeds, 1, 1))
        value = prompt + seed + generator.normal(0, self.sampling, (self.seeds, self.samples, self.prompts))
        return np.where(np.abs(value) < 0.3, 0.0, np.sign(value)) if self.verdicts else value


WORLDS = {
    "ratings, 100 prompts x 3 samples": World(100),
    "ratings, 300 prompts x 3 samples": World(300),
    "ratings, 30 prompts x 3 samples": World(30),
    "verdicts, 100 prompts x 3 samples": World(100, verdicts=True),
    "verdicts, 300 prompts x 3 samples": World(300, verdicts=True),
    "ratings, 100 prompts x 3 seeds that are alike": World(100, seeds=3, samples=1),
    "ratings, 100 prompts x 3 seeds that differ": World(100, seeds=3, samples=1, seed=0.1),
    "ratings, 100 prompts x 8 seeds that differ": World(100, seeds=8, samples=1, seed=0.1),
}


def main() -> None:
    """Simulate and write the shares."""
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--trials", type=int, default=2000)
    arguments.add_argument("--out", type=Path, default=HERE / "coverage.json")
    given = arguments.parse_args()
    figures: dict[str, Any] = {"nominal": 0.95, "trials": given.trials, "draws": DRAWS}
    figures |= {name: {way: round(covered(world, by, given.trials), 4) for way, by in WAYS.items()} for name, world in WORLDS.items()}
    given.out.write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")
    print(json.dumps(figures, indent=1))


def covered(world: World, by: Callable[[Floats, int], Interval], trials: int, seed: int = 0) -> float:
    """The share of trials whose interval holds zero."""
    generator = np.random.default_rng(seed)
    return sum(0.0 in by(world.draw(generator), trial) for trial in range(trials)) / trials


def whole_prompts(values: Floats, seed: int) -> Interval:
    """Ours: ratings by `mean_interval`, verdicts by `net_interval`."""
    small = set(np.unique(values)) <= {-1.0, 0.0, 1.0}
    return net_interval(values[:, None], draws=DRAWS, seed=seed) if small else mean_interval(values, draws=DRAWS, seed=seed)


def rows(values: Floats, seed: int) -> Interval:
    """The naive one."""
    flat = values.ravel()
    means = flat[np.random.default_rng(seed).integers(0, flat.size, (DRAWS, flat.size))].mean(axis=1)
    return Interval(*(float(end) for end in np.quantile(means, [0.025, 0.975])))


WAYS = {"whole prompts": whole_prompts, "rows": rows}


if __name__ == "__main__":
    main()
