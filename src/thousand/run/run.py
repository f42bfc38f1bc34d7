"""The story of a run: which verb, for which arm and seed, in what order. Finished stages are found and not done again."""

from __future__ import annotations

import json
import platform
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from importlib.metadata import version
from pathlib import Path
from typing import Any

from thousand import manifest, tables
from thousand.answer import read_prompts
from thousand.conversation import prompt_of
from thousand.curate import Curated
from thousand.errors import ThousandError
from thousand.gather import fingerprint
from thousand.judge import judge
from thousand.recipe import Recipe, dump
from thousand.report import Summary, choice, report
from thousand.run.arms import Trained, by_arm, work_off
from thousand.run.asking import known_before
from thousand.run.checks import check_answers, check_recipe, files_of
from thousand.run.collect import collect
from thousand.run.directory import Directory
from thousand.run.measuring import measure
from thousand.run.pool import Pool, account, curate_pool, gather_pool
from thousand.run.stages import Listener, Silent, Stages
from thousand.run.units import stages, units
from thousand.run.work import Work

LIBRARIES = ("torch", "transformers", "trl", "tokenizers", "numpy", "pyarrow", "scikit-learn", "scipy")


def run(recipe: Recipe, out: Path, listener: Listener | None = None) -> Summary:
    """Do everything a recipe asks for and write it to a run directory.

    Args:
        out: the run directory; made if it is not there. Whatever a previous run of the same recipe finished there is kept.

    Returns:
        The summary; the page is at its ``report``.

    Raises:
        RecipeError: the recipe cannot be run as written; nothing has been done.
        ThousandError: a stage failed. What was finished is kept; the same command goes on from there.
    """
    check_recipe(recipe)
    check_answers(recipe)
    with _writing(out), manifest.locked(out):
        return _Run(recipe, out, listener or Silent()).go()


def prepare(recipe: Recipe, out: Path, listener: Listener | None = None) -> Pool:
    """Gather and curate a recipe's pool, and no more; a run in the same directory goes on from there.

    Raises:
        RecipeError, ThousandError: as `run`.
    """
    check_recipe(recipe)
    with _writing(out), manifest.locked(out):
        return _Run(recipe, out, listener or Silent()).prepare()


@contextmanager
def _writing(out: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise ThousandError(
            f"Writing to {out} failed: {error.strerror or error}.",
            "Make room or choose another --out; what was finished is kept, and the same command goes on from there.",
        ) from error


class _Run:
    """One run in its directory."""

    def __init__(self, recipe: Recipe, out: Path, listener: Listener) -> None:
        self.recipe, self.out, self.listener = recipe, out, listener
        self.directory, self.stages = Directory(out), Stages(listener)
        self.work = Work(recipe, self.directory, self.stages)

    def go(self) -> Summary:
        self.listener.expect(4 + stages(self.recipe))
        self._freeze()
        gathered, curated = self._pool()
        asked = known_before(self.work)
        done = by_arm(self.work, work_off(self.work, units(self.recipe)))
        measured = measure(self.work, done[self.recipe.claim])
        verdicts = self._judge(done)
        self.listener.stage("report")
        evidence = collect(
            self.recipe,
            self.out,
            gathered=gathered,
            ledger=curated.ledger,
            arms=done,
            verdicts=verdicts,
            base_knowledge=self.directory.knowledge if asked else None,
            prompts=self.work.prompts.num_rows,
            seconds=self.stages.seconds,
            measured=measured,
        )
        chosen = {
            name: arm.selections[0].path
            for name, arm in done.items()
            if arm.selections and self.recipe.arms[name].select not in (None, "all")
        }
        picture = choice(self.directory.texts, self.directory.ledger, chosen)
        summary = report(replace(evidence, picture=picture), self.out)
        self._label(done[self.recipe.claim])
        manifest.write_text(self.out / "summary.json", summary.model_dump_json(indent=1) + "\n")
        return summary

    def prepare(self) -> Pool:
        self.listener.expect(2)
        self._freeze()
        return account(*self._pool(), self.stages)

    def _pool(self) -> tuple[Mapping[str, Any], Curated]:
        gathered = gather_pool(self.recipe, self.directory, self.stages)
        files = filter(None, (self.recipe.prompts.test, self.recipe.prompts.dev))
        held_out = [prompt_of(messages) for file in files for messages in read_prompts(Path(file))["messages"].to_pylist()]
        return gathered, curate_pool(self.recipe, self.directory, self.stages, held_out)

    def _freeze(self) -> None:
        """The recipe as it was run, with what its result depends on."""
        versions = {name: version(name) for name in ("thousand", *LIBRARIES)}
        record = {
            "python": platform.python_version(),
            "versions": versions,
            "inputs": fingerprint(self.recipe.pool) | {"base": self.work.base_digest},
        }
        manifest.write_text(
            self.out / "recipe.yaml",
            f"{dump(self.recipe)}\n# As run:\n" + "".join(f"# {line}\n" for line in json.dumps(record, indent=1).splitlines()),
        )

    def _label(self, claim: Trained) -> None:
        """The card goes with the models that it speaks of."""
        card = (self.out / "CARD.md").read_text(encoding="utf-8")
        for model in claim.models.values():
            manifest.write_text(model / "README.md", card)

    def _judge(self, done: Mapping[str, Trained]) -> Path:
        """What the judges say of every arm that has all its models; nothing where the claim has not: there is no comparison then."""
        claim = self.recipe.claim
        judged = {name: arm for name, arm in done.items() if arm.failed is None and done[claim].failed is None}
        answered = {(name, seed): path for name, arm in judged.items() for seed, path in arm.answers.items()}
        models = {(name, seed): path for name, arm in judged.items() for seed, path in arm.models.items()}

        def make(partial: Path) -> Mapping[str, Any]:
            verdicts = judge(
                {key: tables.read(path) for key, path in answered.items()},
                self.recipe.judge,
                claim=claim,
                prompts=self.work.prompts,
                models=models,
                kept=self.out / "judged",
                progress=lambda _, done: self.listener.advance(done),
            )
            tables.write(partial, verdicts, tables.VERDICTS)
            return {"verdicts": verdicts.num_rows}

        inputs = {f"{name}/{seed}": tables.digest(path) for (name, seed), path in answered.items()}
        inputs |= {f"file {path}": tables.digest(path) for path in files_of(self.recipe.judge)}
        inputs["prompts"] = self.work.prompts_digest
        settings = [choice.model_dump(mode="json") for choice in self.recipe.judge] + [claim]
        self.stages.once(self.directory.verdicts, "judge", "judge", inputs, settings, make)
        return self.directory.verdicts
