"""The arms of a run: for each what is chosen, and for each of its seeds a model, its answers, and what it still knows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

import pyarrow.compute as pc

from thousand import manifest, tables
from thousand.align import align, planned_steps
from thousand.answer import answer, clear, knowledge, read_prompts, read_questions
from thousand.embedding import Embedder, Kept, embedder
from thousand.gather import gather
from thousand.manifest import Manifest
from thousand.recipe import Align, Arm, Choice, Recipe
from thousand.run.choosing import Chooser
from thousand.run.collect import Trained
from thousand.run.directory import Directory
from thousand.run.stages import Stages
from thousand.select import select


class Arms:
    """The arms of a recipe, to be worked off.

    Attributes:
        prompts: held out, schema `tables.PROMPTS`.
    """

    def __init__(self, recipe: Recipe, directory: Directory, stages: Stages) -> None:
        self.recipe, self.directory, self.stages = recipe, directory, stages
        self.prompts = read_prompts(Path(recipe.prompts.test))
        self.base_digest = tables.digest(Path(recipe.base))

    @property
    def count(self) -> int:
        """Stages of all arms together."""
        stages = 0
        for name, arm in self.recipe.arms.items():
            seeds, trains = len(self._seeds(arm)), arm.select is not None or arm.guard is not None
            chooses = 2 * (arm.select is not None and self.recipe.training(name).choose.by != "last")
            stages += seeds * (1 + trains + chooses + bool(self.recipe.knowledge))
            stages += min(arm.draws, seeds) if arm.select is not None else 0
        return stages

    def all(self) -> dict[str, Trained]:
        """Every arm, in the recipe's order; guards are worked off last, for they train what the others chose."""
        arms = self.recipe.arms
        done: dict[str, Trained] = {}
        for name in sorted(arms, key=lambda name: arms[name].guard is not None):
            done[name] = self._arm(name, arms[name], done)
        return {name: done[name] for name in arms}

    def knowledge_of_the_base(self) -> Manifest | None:
        """What the untouched base knows; None where nothing is asked."""
        return self._knowledge(Path(self.recipe.base), self.base_digest, self.directory.knowledge, "base")

    def _seeds(self, arm: Arm) -> list[int]:
        return list(range(arm.seeds or self.recipe.seeds))

    def _arm(self, name: str, arm: Arm, done: Mapping[str, Trained]) -> Trained:
        """Select, align, answer and ask what is still known, seed by seed."""
        trained = Trained()
        seeds = self._seeds(arm)
        settings = self.recipe.training(arm.guard or name)
        if arm.guard is not None:
            trained.selections = done[next(iter(self.recipe.arms))].selections
            last = {"steps": done[arm.guard].alignments[0].facts["steps"], "choose": settings.choose.model_copy(update={"by": "last"})}
            settings = settings.model_copy(update=last)  # what so many steps do is seen after the last of them
        elif arm.select is not None:
            trained.selections = [self._select(name, arm, draw) for draw in range(min(arm.draws, len(seeds)))]
            trained.seconds += sum(each.seconds for each in trained.selections)
        for seed in seeds:
            folder = self.directory.seed(name, seed)
            model, digest = Path(self.recipe.base), self.base_digest
            if trained.selections:
                selection = trained.selections[seed % len(trained.selections)]
                model = folder / "model"
                made = self._align(name, selection, folder, settings, seed)
                trained.alignments.append(made)
                trained.seconds += made.seconds
                if settings.choose.by != "last":
                    trained.checkpoints[seed] = folder / "checkpoints.parquet"
                    made = self._chooser.choose(name, seed, made, self.directory.root / selection.facts["path"], settings.choose)
                    trained.seconds += made.seconds
                digest = made.digest
            answered = self._answer(name, model, digest, folder / "answers.parquet", seed)
            trained.answers[seed] = folder / "answers.parquet"
            trained.seconds += answered.seconds
            asked = self._knowledge(model, digest, folder / "knowledge.parquet", f"{name}, seed {seed}")
            if asked is not None:
                trained.knowledge[seed] = folder / "knowledge.parquet"
                trained.seconds += asked.seconds
        return trained

    def _select(self, name: str, arm: Arm, draw: int) -> Manifest:
        folder = self.directory.arm(name)
        output = folder / ("selection.parquet" if arm.draws == 1 else f"draw-{draw}/selection.parquet")
        settings = arm.model_dump(exclude={"draws", "seeds", "align", "guard"}) | {"draw": draw}

        def make(partial: Path) -> Mapping[str, Any]:
            shown = self._shown(arm, folder) if arm.like else ()
            table = select(
                self.directory.texts,
                self.directory.ledger,
                arm,
                name=name,
                draw=draw,
                embedder=self._embedder,
                shown=shown,
                base=self.recipe.base,
            )
            tables.write(partial, table, tables.SELECTION)
            return {"examples": table.num_rows, "path": str(output.relative_to(self.directory.root))}

        label = f"select: {name}" + (f", draw {draw}" if arm.draws > 1 else "")
        files = [Path(each) for each in (*arm.include, *arm.exclude, *([arm.like] if arm.like else []))]
        inputs = self._chosen_from | {f"file {path}": tables.digest_bytes(path) for path in files if path.is_file()}
        return self.stages.once(output, "select", label, inputs, settings, make)

    def _shown(self, arm: Arm, folder: Path) -> list[Any]:
        """The examples that an arm aims at, in whatever form they are."""
        like = folder / "like"
        gather([Choice(name="chat", options={"path": arm.like})], like, folder / "like-rejected")
        found: list[Any] = tables.read(like, ["messages"])["messages"].to_pylist()
        return found

    @cached_property
    def _chosen_from(self) -> dict[str, str]:
        model = {"embedding": tables.digest(Path(self.recipe.embedding))} if self.recipe.embedding else {}
        texts, ledger = tables.digest(self.directory.texts), tables.digest(self.directory.ledger)
        return {"candidates": texts, "ledger": ledger, "base": self.base_digest} | model

    @cached_property
    def _embedder(self) -> Embedder | None:
        """How alike prompts are; vectors of a model are kept beside the ledger, for all arms."""
        if self.recipe.embedding is None:
            return None
        return Kept(embedder(self.recipe.embedding), self.directory.root / "embeddings", self._chosen_from["embedding"])

    @cached_property
    def _chooser(self) -> Chooser:
        return Chooser(self.recipe, self.directory, self.stages)

    def _align(self, name: str, selection: Manifest, folder: Path, settings: Align, seed: int) -> Manifest:
        """The model after the last step, or where one is to be chosen the checkpoints of all epochs."""
        examples = tables.read(self.directory.root / selection.facts["path"], ["messages"])
        chooses = settings.choose.by != "last"

        def make(partial: Path) -> Mapping[str, Any]:
            checkpoints = partial if chooses else folder / "checkpoints"
            if not partial.exists():  # a fresh start: what other work left must not be gone on from
                manifest.remove(checkpoints)
                partial.mkdir(parents=True)
            aligned = align(
                examples,
                self.recipe.base,
                None if chooses else partial,
                settings,
                seed=seed,
                checkpoints=checkpoints if settings.checkpoints else None,
                progress=lambda step, _steps, _loss: self.stages.listener.advance(step),
            )
            return {
                "steps": aligned.steps,
                "epochs": aligned.epochs,
                "examples": aligned.examples,
                "cut": aligned.cut,
                "dropped": aligned.dropped,
            }

        output = folder / ("epochs" if chooses else "model")
        inputs = {"selection": selection.digest, "base": self.base_digest}
        own = settings.model_dump(mode="json", exclude={"choose", "preset"}) | {"seed": seed}
        total = planned_steps(examples.num_rows, settings)
        return self.stages.once(output, "align", f"align: {name}, seed {seed}", inputs, own, make, total)

    def _answer(self, name: str, model: Path, digest: str, output: Path, seed: int) -> Manifest:
        kept = output.with_suffix(".kept")

        def make(partial: Path) -> Mapping[str, Any]:
            table = answer(model, self.prompts, self.recipe.answer, seed=seed, progress=self.stages.listener.advance, kept=kept)
            tables.write(partial, table, tables.ANSWERS)
            return {"tokens": pc.sum(table["tokens"]).as_py() or 0}

        inputs = {"model": digest, "prompts": tables.digest_bytes(Path(self.recipe.prompts.test))}
        settings = self.recipe.answer.model_dump(exclude={"batch"}) | {"seed": seed}
        total = self.prompts.num_rows * self.recipe.answer.samples
        made = self.stages.once(output, "answer", f"answer: {name}, seed {seed}", inputs, settings, make, total)
        clear(kept)
        return made

    @cached_property
    def questions(self) -> Sequence[tuple[str, str]]:
        """What the models are asked to see what they know."""
        return read_questions(Path(self.recipe.knowledge)) if self.recipe.knowledge else []

    def _knowledge(self, model: Path, digest: str, output: Path, label: str) -> Manifest | None:
        if self.recipe.knowledge is None:
            return None

        def make(partial: Path) -> Mapping[str, Any]:
            table = knowledge(model, self.questions)
            tables.write(partial, table, tables.KNOWLEDGE)
            return {"known": sum(table["known"].to_pylist()), "asked": table.num_rows}

        inputs = {"model": digest, "questions": tables.digest_bytes(Path(self.recipe.knowledge))}
        return self.stages.once(output, "knowledge", f"knowledge: {label}", inputs, None, make)
