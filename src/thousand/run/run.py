"""The story of a run: which verb, for which arm and seed, in what order. Finished stages are found and not done again."""

from __future__ import annotations

import json
import platform
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from functools import cached_property
from importlib.metadata import version
from pathlib import Path
from typing import Any, Literal

from thousand import manifest, tables
from thousand.curate import Curated
from thousand.desk import said
from thousand.engine import Ray, engine
from thousand.errors import ThousandError
from thousand.gather import fingerprint
from thousand.judge import asks_models, judge
from thousand.recipe import Recipe, dump
from thousand.report import Summary, choice, foremost, report
from thousand.run.arms import Done, Trained, by_arm, work_off
from thousand.run.asking import known_before
from thousand.run.checks import check_answers, check_recipe, files_of
from thousand.run.collect import collect
from thousand.run.deciding import held_out_prompts
from thousand.run.directory import Directory
from thousand.run.failure import Failure
from thousand.run.looking import left
from thousand.run.measuring import measure
from thousand.run.pool import Pool, account, curate_pool, gather_pool
from thousand.run.selecting import selection
from thousand.run.shards import Shard, Sharded, beside, part
from thousand.run.shared import Shared
from thousand.run.spread import spread
from thousand.run.stages import Listener, Silent, Stages
from thousand.run.units import Unit, draws, is_reviewed, stages, units
from thousand.run.work import Work

LIBRARIES = ("torch", "transformers", "trl", "tokenizers", "numpy", "pyarrow", "scikit-learn", "scipy")


def run(recipe: Recipe, out: Path, listener: Listener | None = None, shared: Path | None = None) -> Summary:
    """Do everything a recipe asks for and write it to a run directory. An arm that fails does not stop the others.

    Args:
        out: the run directory; made if it is not there. Whatever a previous run of the same recipe finished there is kept.
        shared: a folder of finished stages, taken from there and put there for other runs; None shares none.

    Returns:
        The summary; the page is at its ``report``, and an arm that has no model says why in ``failed``.

    Raises:
        RecipeError: the recipe cannot be run as written; nothing has been done.
        ThousandError: a stage failed that all arms need. What was finished is kept; the same command goes on from there.
    """
    checked(recipe)
    with writing(out), manifest.locked(out):
        return _Run(recipe, out, listener, shared).go()


def prepare(recipe: Recipe, out: Path, listener: Listener | None = None, *, until: Literal["curate", "select"] = "curate") -> Pool:
    """Gather and curate a recipe's pool, and no more; a run in the same directory goes on from there.

    Args:
        until: ``select`` chooses every arm's examples, too, for people to review before anything is trained.

    Raises:
        RecipeError, ThousandError: as `run`.
    """
    check_recipe(recipe)
    with writing(out), manifest.locked(out):
        return _Run(recipe, out, listener).prepare(until)


def run_shard(recipe: Recipe, out: Path, shard: Shard, listener: Listener | None = None, shared: Path | None = None) -> Sharded:
    """Do a shard's part of a run, beside the processes that do the others; `run` does what is left, judges and reports.

    Raises:
        RecipeError, ThousandError: as `run`.
    """
    checked(recipe)
    with writing(out), manifest.locked(out, among=True):
        return _Run(recipe, out, listener, shared).part(shard)


def opened(recipe: Recipe, out: Path, shared: Path | None = None, listener: Listener | None = None) -> Work:
    """A run's work, as far as its directory has it."""
    return Work(recipe, Directory(out), Stages(listener or Silent(), Shared(shared) if shared else None))


def checked(recipe: Recipe) -> None:
    """Raise what is known to be wrong with a recipe of one base before work begins."""
    check_recipe(recipe)
    check_answers(recipe)


@contextmanager
def writing(out: Path) -> Iterator[None]:
    """Say of a failure to write there what to do."""
    try:
        yield
    except OSError as error:
        raise ThousandError(
            f"Writing to {out} failed: {error.strerror or error}{f' ({error.filename})' if error.filename else ''}.",
            "Make room or choose another --out; what was finished is kept, and the same command goes on from there.",
        ) from error


class _Run:
    """One run in its directory."""

    def __init__(self, recipe: Recipe, out: Path, listener: Listener | None, shared: Path | None = None) -> None:
        self.work = opened(recipe, out, shared, listener)
        self.recipe, self.out, self.listener = recipe, out, self.work.stages.listener
        self.directory, self.stages = self.work.directory, self.work.stages
        if self.stages.shared:
            self.stages.shared.sweep()

    def go(self) -> Summary:
        self.listener.expect(4 + stages(self.recipe, units(self.recipe)) + len(self.recipe.measure))
        self._freeze()
        gathered, curated = self._pool()
        asked = known_before(self.work)
        done = by_arm(self.work, self._work_off(units(self.recipe)))
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
            decided=self.work.decided,
        )
        shown = [*foremost(evidence.arms, evidence.claim.examples), *evidence.arms]  # a few of them stand in a picture
        chosen = {
            name: done[name].selections[0].path
            for name in dict.fromkeys(arm.name for arm in shown)
            if done[name].selections and self.recipe.arms[name].select not in (None, "all")
        }
        picture = choice(self.directory.texts, self.directory.ledger, chosen)
        summary = report(replace(evidence, picture=picture), self.out)
        self._label(done[self.recipe.claim])
        manifest.write_text(self.out / "summary.json", summary.model_dump_json(indent=1) + "\n")
        return summary

    def part(self, shard: Shard) -> Sharded:
        """What all shards need is done by the first that comes to it."""
        waiting = "gather and curate: another process is at it; waiting"
        with ExitStack() as at_work:
            with manifest.held(self.out / ".pool.lock", lambda: self.listener.note(waiting)):
                at_work.enter_context(beside(self.out, manifest.key_of("run", self._inputs, dump(self.recipe))))
                self._freeze()
                self._pool()
            known_before(self.work)
            mine = part(self.recipe, shard, tables.count(self.directory.ledger))
            self.listener.expect(3 + stages(self.recipe, mine))
            found = self._work_off(mine)
        failed = {unit: each for unit, each in found.items() if isinstance(each, Failure)}
        return Sharded(
            shard=str(shard),
            done=[str(unit) for unit in mine if unit not in failed],
            failed=[f"{unit}: {each.what}" for unit, each in failed.items()],
            remaining=[str(unit) for unit, each in left(self.work, units(self.recipe)).items() if each.stage is not None],
        )

    def _work_off(self, wanted: Sequence[Unit]) -> Mapping[Unit, Done | Failure]:
        by = engine(self.recipe.engine)
        failed = spread(self.work, wanted, replace(by, gpus=1)) if isinstance(by, Ray) else {}
        return work_off(self.work, wanted, failed)

    def prepare(self, until: Literal["curate", "select"]) -> Pool:
        selecting = [name for name, arm in self.recipe.arms.items() if arm.kind == "trained"]
        drawn = [(name, draw) for name in selecting for draw in range(draws(self.recipe, name))] if until == "select" else []
        self.listener.expect(2 + sum(1 + is_reviewed(self.recipe, name) for name, _ in drawn))
        self._freeze()
        pool = account(*self._pool(), self.stages)
        chosen = {name: selection(self.work, name, draw).path for name, draw in reversed(drawn)}  # of each arm the first draw
        return replace(pool, chosen=dict(reversed(chosen.items())))

    def _pool(self) -> tuple[Mapping[str, Any], Curated]:
        gathered = gather_pool(self.recipe, self.directory, self.stages)
        return gathered, curate_pool(self.recipe, self.directory, self.stages, held_out_prompts(self.recipe), self.work.curation_key)

    @cached_property
    def _inputs(self) -> dict[str, str]:
        """What the result depends on besides the recipe, by its content."""
        questions = self.recipe.knowledge.file if self.recipe.knowledge else None
        files = {"prompts": self.recipe.prompts.test, "dev": self.recipe.prompts.dev, "questions": questions}
        known = {name: tables.digest_bytes(Path(file)) for name, file in files.items() if file}
        return fingerprint(self.recipe.pool) | {"base": self.work.base_digest} | known

    def _freeze(self) -> None:
        """Write the recipe as it is run."""
        if self.directory.prompts.is_file() and not tables.read(self.directory.prompts).equals(self.work.prompts):
            (self.out / "summary.json").unlink(missing_ok=True)  # its verdicts are of other prompts
        versions = {name: version(name) for name in ("thousand", *LIBRARIES)}
        record = {"python": platform.python_version(), "versions": versions, "inputs": self._inputs}
        manifest.write_text(
            self.out / "recipe.yaml",
            f"{dump(self.recipe)}\n# As run:\n" + "".join(f"# {line}\n" for line in json.dumps(record, indent=1).splitlines()),
        )
        tables.write(self.directory.prompts, self.work.prompts, tables.PROMPTS)

    def _people(self, answered: Mapping[tuple[str, int], Path]) -> dict[str, str]:
        """The digest of what people said at the desk, where the recipe asks them and they did."""
        if not any(choice.name == tables.PEOPLE for choice in self.recipe.judge):
            return {}
        verdicts = said(self.out, {key: tables.read(path) for key, path in answered.items()}, self.recipe.claim)
        if not verdicts.num_rows:
            manifest.remove(self.directory.people)
            return {}
        tables.write(self.directory.people, verdicts, tables.VERDICTS)
        return {"people": tables.digest(self.directory.people)}

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
                desk=self.directory.people,
                progress=lambda _, done: self.listener.advance(done),
            )
            tables.write(partial, verdicts, tables.VERDICTS)
            return {"verdicts": verdicts.num_rows}

        inputs = {f"{name}/{seed}": tables.digest(path) for (name, seed), path in answered.items()}
        inputs |= {f"file {path}": tables.digest(path) for path in files_of(self.recipe.judge)}
        inputs["prompts"] = self.work.prompts_digest
        if asks_models(self.recipe.judge):  # equal answers may come of other models
            inputs |= {f"model {name}/{seed}": self.work.digest_of(model) for (name, seed), model in models.items()}
        inputs |= self._people(answered)
        settings = [choice.model_dump(mode="json") for choice in self.recipe.judge] + [claim]
        self.stages.once(self.directory.verdicts, "judge", "judge", inputs, settings, make)
        return self.directory.verdicts
