"""The story of a run: which verb, for which arm and seed, in what order. Finished stages are found and not done again."""

from __future__ import annotations

import json
import platform
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from functools import cached_property
from importlib.metadata import version
from pathlib import Path
from typing import Any, Protocol

from thousand import manifest, tables
from thousand.align import align, planned_steps
from thousand.answer import answer, knowledge, read_prompts, read_questions
from thousand.collect import Trained, collect
from thousand.conversation import prompt_of
from thousand.curate import Curated, curate, needs_base, plan
from thousand.embedding import Embedder, Kept, embedder
from thousand.engine import engine
from thousand.errors import RecipeError, ThousandError
from thousand.gather import fingerprint, gather
from thousand.judge import judge, make
from thousand.manifest import Manifest, once
from thousand.model import check_room, context_of
from thousand.recipe import Align, Arm, Choice, Recipe, dump
from thousand.report import Summary, choice, report
from thousand.select import check, select, signals_of

LIBRARIES = ("torch", "transformers", "trl", "tokenizers", "numpy", "pyarrow", "scikit-learn", "scipy")


class Listener(Protocol):
    """Whoever shows how a run goes on."""

    def stage(self, name: str, *, total: float | None = None) -> None:
        """A stage begins; ``total`` is its amount of work, if known."""

    def advance(self, done: float) -> None:
        """So much of the stage is done."""

    def finished(self, name: str, seconds: float, *, fresh: bool) -> None:
        """A stage is done: now, or (``fresh`` False) in an earlier run."""

    def expect(self, stages: int) -> None:
        """So many stages remain, those already done included."""


class Silent:
    """Shows nothing."""

    def stage(self, name: str, *, total: float | None = None) -> None:
        """Nothing."""

    def advance(self, done: float) -> None:
        """Nothing."""

    def finished(self, name: str, seconds: float, *, fresh: bool) -> None:
        """Nothing."""

    def expect(self, stages: int) -> None:
        """Nothing."""


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


@dataclass(frozen=True)
class Pool:
    """What a recipe's pool came to.

    Attributes:
        read: rows read = ``kept`` + ``dropped`` + ``rejected``: nothing is lost.
        by_source: rows read, candidates and rejections of each source; ``forms`` that were recognised.
        reasons: candidates with each reason to drop them; one may have several.
        unmeasured: candidates without a value, by signal.
    """

    read: int
    kept: int
    dropped: int
    rejected: int
    by_source: Mapping[str, Any]
    forms: Mapping[str, Any]
    reasons: Mapping[str, int]
    unmeasured: Mapping[str, int]
    seconds: Mapping[str, float]
    ledger: Path

    def sentence(self) -> str:
        """The account in words."""
        reasons = ", ".join(f"{name} {rows:,}" for name, rows in sorted(self.reasons.items(), key=lambda each: -each[1]))
        return (
            f"{self.read:,} rows read = {self.kept:,} kept + {self.dropped:,} dropped + {self.rejected:,} rejected.\n"
            f"Reasons to drop: {reasons or 'none'}.\nThe ledger is {self.ledger}."
        )


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


def check_recipe(recipe: Recipe) -> None:
    """Everything that can be known to be wrong before work begins.

    Raises:
        RecipeError, DataError: the first fault found.
    """
    engine(recipe.engine)
    fingerprint(recipe.pool)
    plan(recipe.curate)
    for name, arm in recipe.arms.items():
        check(arm, name)
        for where, signal in signals_of(arm):
            if signal not in {choice.name for choice in plan(recipe.curate)}:
                raise RecipeError(f"arms.{name}.{where}: {signal!r} is not computed.", f"Add it to curate.signals: [{signal}].")
    if recipe.embedding is not None:
        embedder(recipe.embedding)
    if not (Path(recipe.base) / "config.json").is_file():
        asks = needs_base(recipe.curate)
        also = f" It is asked by the signals {', '.join(asks)}, too." if asks else ""
        raise RecipeError(
            f"base: there is no model at {recipe.base}.",
            f"Give a folder with config.json, weights and tokenizer; nothing is downloaded.{also}",
        )
    read_prompts(Path(recipe.prompts.test))
    if recipe.knowledge is not None:
        read_questions(Path(recipe.knowledge))
    make(recipe.judge)


def check_answers(recipe: Recipe) -> None:
    """Whether the base has room for the answers asked for, which would else be known after the first training.

    Raises:
        DataError: it has not, or the folder holds no transformers model.
    """
    check_room(recipe.answer.max_tokens, context_of(recipe.base), recipe.base)


class _Run:
    """One run in its directory."""

    def __init__(self, recipe: Recipe, out: Path, listener: Listener) -> None:
        self.recipe, self.out, self.listener = recipe, out, listener
        self.prompts = read_prompts(Path(recipe.prompts.test))
        self.base_digest = tables.digest(Path(recipe.base))
        self.engine = engine(recipe.engine)
        self.seconds: defaultdict[str, float] = defaultdict(float)

    @property
    def candidates(self) -> Path:
        return self.out / "candidates"

    @property
    def ledger(self) -> Path:
        return self.out / "curate" / "ledger.parquet"

    @property
    def texts(self) -> Path:
        return self.out / "curate" / "texts"

    @cached_property
    def questions(self) -> list[tuple[str, str]]:
        return read_questions(Path(self.recipe.knowledge)) if self.recipe.knowledge else []

    @property
    def claim(self) -> str:
        return next(iter(self.recipe.arms))

    def go(self) -> Summary:
        arms = self.recipe.arms
        seeds = {name: self._seeds(arm) for name, arm in arms.items()}
        per_seed = 2 + bool(self.recipe.knowledge)
        self.listener.expect(4 + sum(len(s) * per_seed + min(a.draws, len(s)) for s, a in zip(seeds.values(), arms.values(), strict=True)))
        self._freeze()
        gathered = self._gather()
        curated = self._curate()
        done = {name: self._arm(name, arm, seeds[name]) for name, arm in arms.items() if arm.guard is None}
        done |= {name: self._arm(name, arm, seeds[name], done) for name, arm in arms.items() if arm.guard is not None}
        done = {name: done[name] for name in arms}
        verdicts = self._judge(done)
        known = self.out / "knowledge.parquet"
        asked = self._knowledge(Path(self.recipe.base), self.base_digest, known, "base")
        self.listener.stage("report")
        evidence = collect(
            self.recipe,
            self.out,
            gathered=gathered,
            ledger=curated.ledger,
            arms=done,
            verdicts=verdicts,
            base_knowledge=known if asked else None,
            prompts=self.prompts.num_rows,
            seconds=self.seconds,
        )
        chosen = {name: self.out / arm.selections[0].facts["path"] for name, arm in done.items() if arms[name].select not in (None, "all")}
        summary = report(replace(evidence, picture=choice(self.texts, self.ledger, chosen)), self.out)
        manifest.write_text(self.out / "summary.json", summary.model_dump_json(indent=1) + "\n")
        return summary

    def prepare(self) -> Pool:
        self.listener.expect(2)
        self._freeze()
        gathered = self._gather()
        curated = self._curate()
        pool = Pool(
            read=gathered["read"],
            kept=curated.kept,
            dropped=curated.candidates - curated.kept,
            rejected=gathered["rejected"],
            by_source=gathered["by_source"],
            forms=gathered["forms"],
            reasons=curated.dropped,
            unmeasured=curated.null,
            seconds=dict(curated.seconds) | {"gather": self.seconds["gather"]},
            ledger=curated.ledger,
        )
        if pool.read != pool.kept + pool.dropped + pool.rejected:
            raise ThousandError(f"The books do not balance: {pool}.", "This is a fault in Thousand: please report it.")
        return pool

    def _freeze(self) -> None:
        """The recipe as it was run, with what its result depends on."""
        versions = {name: version(name) for name in ("thousand", *LIBRARIES)}
        record = {
            "python": platform.python_version(),
            "versions": versions,
            "inputs": fingerprint(self.recipe.pool) | {"base": self.base_digest},
        }
        manifest.write_text(
            self.out / "recipe.yaml",
            f"{dump(self.recipe)}\n# As run:\n" + "".join(f"# {line}\n" for line in json.dumps(record, indent=1).splitlines()),
        )

    def _once(
        self,
        output: Path,
        stage: str,
        label: str,
        inputs: Mapping[str, str],
        settings: Any,
        make: Callable[[Path], Any],
        total: float | None = None,
    ) -> Manifest:
        """One stage, shown and timed."""
        self.listener.stage(label, total=total)
        made = once(output, stage, inputs, settings, make)
        self.seconds[stage.split(".")[0]] += made.seconds
        self.listener.finished(label, made.seconds, fresh=made.fresh)
        return made

    def _gather(self) -> Mapping[str, Any]:
        def make(partial: Path) -> Mapping[str, Any]:
            return asdict(gather(self.recipe.pool, partial, self.out / "rejected", progress=self.listener.advance, by=self.engine))

        sources = [choice.model_dump(mode="json") for choice in self.recipe.pool]
        return self._once(self.candidates, "gather", "gather", fingerprint(self.recipe.pool), sources, make).facts

    def _curate(self) -> Curated:
        total = tables.count(self.candidates)
        current = ""

        def show(name: str, rows: int) -> None:
            nonlocal current
            if name != current:
                current = name
                self.listener.stage(f"curate: {name}", total=total)
            self.listener.advance(rows)

        self.listener.stage("curate", total=total)
        prompts = [prompt_of(messages) for messages in self.prompts["messages"].to_pylist()]
        curated = curate(
            self.candidates, self.ledger.parent, self.recipe.curate, base=self.recipe.base, prompts=prompts, progress=show, by=self.engine
        )
        self.seconds["curate"] += sum(curated.seconds.values())
        self.listener.finished("curate", sum(curated.seconds.values()), fresh=bool(current))
        return curated

    def _seeds(self, arm: Arm) -> list[int]:
        return list(range(arm.seeds or self.recipe.seeds))

    def _arm(self, name: str, arm: Arm, seeds: Sequence[int], others: Mapping[str, Trained] | None = None) -> Trained:
        """Select, align, answer and ask what is still known, seed by seed."""
        trained = Trained([], [], {}, {})
        settings = self.recipe.training(arm.guard or name)
        if arm.guard is not None and others is not None:
            trained.selections = others[self.claim].selections
            settings = settings.model_copy(update={"steps": others[arm.guard].alignments[0].facts["steps"]})
        elif arm.select is not None:
            trained.selections = [self._select(name, arm, draw) for draw in range(min(arm.draws, len(seeds)))]
        for seed in seeds:
            folder = self.out / "arms" / name / f"seed-{seed}"
            model, digest = Path(self.recipe.base), self.base_digest
            if trained.selections:
                selection = trained.selections[seed % len(trained.selections)]
                model = folder / "model"
                aligned = self._align(name, selection, model, settings, seed)
                trained.alignments.append(aligned)
                trained.seconds += aligned.seconds
                digest = aligned.digest
            answered = self._answer(name, model, digest, folder / "answers.parquet", seed)
            trained.answers[seed] = folder / "answers.parquet"
            trained.seconds += answered.seconds
            asked = self._knowledge(model, digest, folder / "knowledge.parquet", f"{name}, seed {seed}")
            if asked is not None:
                trained.knowledge[seed] = folder / "knowledge.parquet"
                trained.seconds += asked.seconds
        trained.seconds += sum(each.seconds for each in trained.selections) if arm.guard is None else 0
        return trained

    def _select(self, name: str, arm: Arm, draw: int) -> Manifest:
        folder = self.out / "arms" / name
        output = folder / ("selection.parquet" if arm.draws == 1 else f"draw-{draw}/selection.parquet")
        settings = arm.model_dump(exclude={"draws", "seeds", "align", "guard"}) | {"draw": draw}

        def make(partial: Path) -> Mapping[str, Any]:
            shown = self._shown(arm, folder) if arm.like else ()
            table = select(self.texts, self.ledger, arm, name=name, draw=draw, embedder=self._embedder, shown=shown, base=self.recipe.base)
            tables.write(partial, table, tables.SELECTION)
            return {"examples": table.num_rows, "path": str(output.relative_to(self.out))}

        label = f"select: {name}" + (f", draw {draw}" if arm.draws > 1 else "")
        files = [Path(each) for each in (*arm.include, *arm.exclude, *([arm.like] if arm.like else []))]
        inputs = self._chosen_from | {f"file {path}": tables.digest_bytes(path) for path in files if path.is_file()}
        return self._once(output, "select", label, inputs, settings, make)

    def _shown(self, arm: Arm, folder: Path) -> list[Any]:
        """The examples that an arm aims at, in whatever form they are."""
        like = folder / "like"
        gather([Choice(name="chat", options={"path": arm.like})], like, folder / "like-rejected")
        found: list[Any] = tables.read(like, ["messages"])["messages"].to_pylist()
        return found

    @cached_property
    def _chosen_from(self) -> dict[str, str]:
        model = {"embedding": tables.digest(Path(self.recipe.embedding))} if self.recipe.embedding else {}
        return {"candidates": tables.digest(self.texts), "ledger": tables.digest(self.ledger), "base": self.base_digest} | model

    @cached_property
    def _embedder(self) -> Embedder | None:
        """How alike prompts are; vectors of a model are kept beside the ledger, for all arms."""
        if self.recipe.embedding is None:
            return None
        return Kept(embedder(self.recipe.embedding), self.out / "embeddings", self._chosen_from["embedding"])

    def _align(self, name: str, selection: Manifest, output: Path, settings: Align, seed: int) -> Manifest:
        examples = tables.read(self.out / selection.facts["path"], ["messages"])
        checkpoints = output.with_name("checkpoints")

        def make(partial: Path) -> Mapping[str, Any]:
            if not partial.exists():  # a fresh start: what other work left must not be gone on from
                manifest.remove(checkpoints)
                partial.mkdir(parents=True)
            aligned = align(
                examples,
                self.recipe.base,
                partial,
                settings,
                seed=seed,
                checkpoints=checkpoints if settings.checkpoints else None,
                progress=lambda step, _steps, _loss: self.listener.advance(step),
            )
            return {
                "steps": aligned.steps,
                "epochs": aligned.epochs,
                "examples": aligned.examples,
                "cut": aligned.cut,
                "dropped": aligned.dropped,
            }

        inputs = {"selection": selection.digest, "base": self.base_digest}
        total = planned_steps(examples.num_rows, settings)
        return self._once(output, "align", f"align: {name}, seed {seed}", inputs, settings.model_dump() | {"seed": seed}, make, total)

    def _answer(self, name: str, model: Path, digest: str, output: Path, seed: int) -> Manifest:
        def make(partial: Path) -> Mapping[str, Any]:
            table = answer(model, self.prompts, self.recipe.answer, seed=seed, progress=self.listener.advance)
            tables.write(partial, table, tables.ANSWERS)
            return {"tokens": sum(table["tokens"].to_pylist())}

        inputs = {"model": digest, "prompts": tables.digest_bytes(Path(self.recipe.prompts.test))}
        settings = self.recipe.answer.model_dump(exclude={"batch"}) | {"seed": seed}
        total = self.prompts.num_rows * self.recipe.answer.samples
        return self._once(output, "answer", f"answer: {name}, seed {seed}", inputs, settings, make, total)

    def _knowledge(self, model: Path, digest: str, output: Path, label: str) -> Manifest | None:
        if self.recipe.knowledge is None:
            return None

        def make(partial: Path) -> Mapping[str, Any]:
            table = knowledge(model, self.questions)
            tables.write(partial, table, tables.KNOWLEDGE)
            return {"known": sum(table["known"].to_pylist()), "asked": table.num_rows}

        inputs = {"model": digest, "questions": tables.digest_bytes(Path(self.recipe.knowledge))}
        return self._once(output, "knowledge", f"knowledge: {label}", inputs, None, make)

    def _judge(self, done: Mapping[str, Trained]) -> Path:
        answered = {(name, seed): path for name, arm in done.items() for seed, path in arm.answers.items()}

        def make_verdicts(partial: Path) -> Mapping[str, Any]:
            verdicts = judge({key: tables.read(path) for key, path in answered.items()}, self.recipe.judge, claim=self.claim)
            tables.write(partial, verdicts, tables.VERDICTS)
            return {"verdicts": verdicts.num_rows}

        inputs = {f"{name}/{seed}": tables.digest(path) for (name, seed), path in answered.items()}
        inputs |= {f"file {path}": tables.digest_bytes(path) for path in files_of(self.recipe.judge)}
        settings = [choice.model_dump(mode="json") for choice in self.recipe.judge] + [self.claim]
        output = self.out / "verdicts.parquet"
        self._once(output, "judge", "judge", inputs, settings, make_verdicts)
        return output


def files_of(judges: Sequence[Choice]) -> list[Path]:
    """The files that judges' options name: a judgement is only as lasting as what it was made from."""

    def texts(value: object) -> Iterator[str]:
        if isinstance(value, Mapping):
            for each in value.values():
                yield from texts(each)
        elif isinstance(value, str):
            yield value

    return sorted({Path(text) for choice in judges for text in texts(choice.options) if Path(text).is_file()})
