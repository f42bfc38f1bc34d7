"""From the checkpoints of a training to its model: each answers the dev prompts, judges rate what they say, one is kept."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from thousand import manifest, tables
from thousand.align import Choice, choose, epochs_in
from thousand.answer import answer, knowledge, read_prompts, read_questions, stops
from thousand.conversation import Message
from thousand.judge import asks_models, judge, make
from thousand.manifest import Manifest, once
from thousand.model import load, perplexity
from thousand.recipe import Choice as Named
from thousand.recipe import Choosing, Recipe
from thousand.report import arrays
from thousand.run.checks import files_of, judges_of
from thousand.run.directory import Directory
from thousand.run.made import Selected
from thousand.run.stages import Stages
from thousand.statistics import forgetting

Floats = NDArray[np.float64]


class Chooser:
    """Chooses among checkpoints as a recipe says. The prompts of the test are not read here."""

    def __init__(self, recipe: Recipe, directory: Directory, stages: Stages) -> None:
        self.recipe, self.directory, self.stages = recipe, directory, stages
        files = {"dev": recipe.prompts.dev, "questions": recipe.knowledge and recipe.knowledge.file}
        self.files = {name: Path(file) for name, file in files.items() if file}
        self.inputs = {name: tables.digest_bytes(file) for name, file in self.files.items()}
        self.answering = recipe.answer.model_dump(mode="json", exclude={"batch", "introduction"})

    def choose(self, arm: str, seed: int, epochs: Manifest, selected: Selected, settings: Choosing) -> Manifest:
        """Write ``checkpoints.parquet`` (schema `tables.CHECKPOINTS`), and the chosen checkpoint as the model.

        Args:
            epochs: of the training, whose output is a folder of checkpoints.
            selected: what it was trained on.

        Raises:
            DataError: the judge rated nothing.
        """
        folder = self.directory.seed(arm, seed)
        found = epochs_in(folder / "epochs")
        judges = judges_of(self.recipe, settings)

        def rate(partial: Path) -> Mapping[str, Any]:
            made, table = self._rate(folder, found, epochs.digest, seed, selected.path, settings)
            tables.write(partial, table, tables.CHECKPOINTS)
            return {"epoch": made.epoch, "prompts": made.prompts, "gain": made.gain, "correlation": made.correlation}

        inputs = self.inputs | {"epochs": epochs.digest, "selection": selected.manifest.digest, "ledger": self._ledger}
        inputs |= {f"file {path}": tables.digest(path) for path in files_of(judges)}
        own = settings.model_dump(mode="json") | {"judge": _plain(judges), "answer": self.answering, "seed": seed}
        label = f"choose: {arm}, seed {seed}"
        rated = self.stages.once(folder / "checkpoints.parquet", "choose", label, inputs, own, rate, total=len(found))

        def keep(partial: Path) -> Mapping[str, Any]:
            manifest.remove(partial)
            shutil.copytree(found[rated.facts["epoch"]], partial)
            record = json.loads((folder / "epochs" / "alignment.json").read_text(encoding="utf-8"))
            manifest.write_text(partial / "alignment.json", json.dumps(record | {"kept_epoch": rated.facts["epoch"]}, indent=1) + "\n")
            return rated.facts

        chosen = rated.facts["epoch"]
        kept = self.stages.once(folder / "model", "choose.keep", f"{label}, keep", {"epochs": epochs.digest}, chosen, keep)
        return replace(kept, seconds=kept.seconds + rated.seconds)

    def _rate(
        self, folder: Path, found: Mapping[int, Path], digest: str, seed: int, selection: Path, settings: Choosing
    ) -> tuple[Choice, pa.Table]:
        held_out = self._held_out(selection, settings.held_out)
        facts: list[Mapping[str, Any]] = []
        for epoch, model in found.items():
            facts.append(self._try(_tried(folder, epoch), model, digest, seed, held_out))
            self.stages.listener.advance(len(facts))
        ratings = self._ratings(folder, found, digest, seed, judges_of(self.recipe, settings)) if "dev" in self.files else None
        expected = np.array([np.nan if each["perplexity"] is None else each["perplexity"] for each in facts])
        made = choose(list(found), ratings, None if np.isnan(expected).any() else expected, settings.by)
        nothing = [None] * len(found)
        columns = {
            "epoch": list(found),
            "rating": nothing if made.rating is None else made.rating,
            "low": [each and each.low for each in made.intervals],
            "high": [each and each.high for each in made.intervals],
            "chosen": [epoch == made.epoch for epoch in found],
        }
        own = {name: [each.get(name) for each in facts] for name in ("perplexity", "ended", "limit", "repeats", "known", "forgot")}
        return made, tables.conform(pa.table(columns | own), tables.CHECKPOINTS)

    def _try(self, output: Path, model: Path, digest: str, seed: int, held_out: Sequence[Sequence[Message]]) -> Mapping[str, Any]:
        """What one checkpoint answers, knows and expects: asked once, whoever judges it and however the choice is made."""

        def ask(partial: Path) -> Mapping[str, Any]:
            loaded = load(model)
            partial.mkdir(parents=True, exist_ok=True)
            facts: dict[str, Any] = {"perplexity": perplexity(loaded, held_out)}
            if "dev" in self.files:
                here = self.recipe.answer.backend.name == "transformers"
                answers = answer(loaded if here else model, read_prompts(self.files["dev"]), self.recipe.answer, seed=seed)
                tables.write(partial / "answers.parquet", answers, tables.ANSWERS)
                facts |= vars(stops(answers))
            if "questions" in self.files:
                table = knowledge(loaded, read_questions(self.files["questions"]), plain=self.recipe.answer.plain)
                tables.write(partial / "knowledge.parquet", table, tables.KNOWLEDGE)
                facts |= self._known(table)
            return facts

        inputs = self.inputs | {"epochs": digest, "held out": manifest.key_of("", {}, [list(each) for each in held_out])}
        return once(output, "choose.try", inputs, self.answering | {"epoch": output.name, "seed": seed}, ask).facts

    def _ratings(self, folder: Path, found: Mapping[int, Path], digest: str, seed: int, judges: Sequence[Named]) -> Floats | None:
        """(epochs, prompts), by the first judge. One that compares was shown every epoch beside the last, which has 0."""
        if not judges:
            return None
        answers = {(_name(epoch), seed): _tried(folder, epoch) / "answers.parquet" for epoch in found}
        last = _name(max(found))

        def ask(partial: Path) -> None:
            verdicts = judge(
                {key: tables.read(path) for key, path in answers.items()},
                judges,
                claim=last,
                prompts=read_prompts(self.files["dev"]),
                models={(_name(epoch), seed): model for epoch, model in found.items()},
                kept=self.directory.root / "judged",
            )
            tables.write(partial, verdicts, tables.VERDICTS)

        inputs = {arm: tables.digest(path) for (arm, _), path in answers.items()} | {"dev": self.inputs["dev"]}
        inputs |= {f"file {path}": tables.digest(path) for path in files_of(judges)}
        inputs |= {"epochs": digest} if asks_models(judges) else {}
        output = folder / "dev" / "verdicts.parquet"
        once(output, "choose.judge", inputs, [*_plain(judges), last], ask)
        verdicts = tables.read(output)
        first = (make(judges)[0].name, "overall")
        rated, paired = arrays.rated(verdicts), arrays.paired(verdicts, last)
        if (*first, last) in rated:
            return np.stack([rated[*first, _name(epoch)].by_seed[0] for epoch in found])
        against = [paired[*first, _name(epoch)] for epoch in found if _name(epoch) != last]
        scores = [(each.lost - each.won)[0, 0] for each in against]
        return np.stack([*scores, np.zeros_like(scores[0])]) if scores else None

    def _held_out(self, selection: Path, rows: int) -> list[list[Message]]:
        """Kept candidates that were not chosen, those first whose content's hash is: a draw in which no arm has a say."""
        ledger = tables.read(self.directory.ledger, ["content", "kept"])
        kept = set(ledger["content"].filter(ledger["kept"]).to_pylist())
        free = set(sorted(kept - set(tables.read(selection, ["content"])["content"].to_pylist()))[:rows])
        held_out: dict[str, list[Message]] = {}
        for part in tables.batches(self.directory.texts, ["content", "messages"]):
            for content, messages in zip(part["content"].to_pylist(), part["messages"].to_pylist(), strict=True):
                if content in free:
                    held_out.setdefault(content, messages)
        return [held_out[content] for content in sorted(held_out)]

    @cached_property
    def _ledger(self) -> str:
        return tables.digest(self.directory.ledger)

    def _known(self, after: pa.Table) -> Mapping[str, float | None]:
        """Share of the questions that are known, of those of which it can be said; and whether fewer are than by the base."""
        before = tables.read(self.directory.knowledge)
        was = dict(zip(before["question_id"].to_pylist(), _share(before), strict=True))
        known = _share(after)
        forgot = forgetting(np.array([was.get(name, np.nan) for name in after["question_id"].to_pylist()]), known)
        return {"known": None if np.isnan(known).all() else float(np.nanmean(known)), "forgot": forgot}


def _share(knowledge: pa.Table) -> Floats:
    """1 for what is known, 0 for what is not, NaN where that cannot be said."""
    return np.array([np.nan if known is None else float(known) for known in knowledge["known"].to_pylist()], np.float64)


def _name(epoch: int) -> str:
    return f"epoch-{epoch:02d}"


def _tried(folder: Path, epoch: int) -> Path:
    return folder / "dev" / _name(epoch)


def _plain(judges: Sequence[Named]) -> list[Any]:
    return [each.model_dump(mode="json") for each in judges]
