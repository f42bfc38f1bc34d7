"""What all that a run does stands on: its recipe, where things are, its stages, and what is read once for every arm."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from pathlib import Path

import pyarrow as pa

from thousand import tables
from thousand.answer import Question, read_prompts, read_questions
from thousand.embedding import Embedder, Kept, embedder
from thousand.manifest import Manifest, key_of, manifest_path
from thousand.recipe import Recipe
from thousand.run.choosing import Chooser
from thousand.run.deciding import Decided, decided, held_out_prompts
from thousand.run.directory import Directory
from thousand.run.stages import Stages


class Work:
    """One recipe in one directory. The pool must be curated before an arm is worked at."""

    def __init__(self, recipe: Recipe, directory: Directory, stages: Stages) -> None:
        self.recipe, self.directory, self.stages = recipe, directory, stages

    @property
    def base(self) -> Path:
        """The untouched base."""
        return Path(self.recipe.base)

    @cached_property
    def base_digest(self) -> str:
        """What the base says."""
        return tables.digest(self.base)

    @property
    def curation_key(self) -> str:
        """The name of what curation makes of the candidates that are there; empty where there are none."""
        made = Manifest.load(manifest_path(self.directory.candidates))
        if made is None:
            return ""
        held_out = key_of("held out", {}, held_out_prompts(self.recipe))
        inputs = {"candidates": made.digest, "base": self.base_digest, "held out": held_out}
        return key_of("curate", inputs, self.recipe.curate.model_dump(mode="json"))

    def digest_of(self, model: Path) -> str:
        """What a model of the run says: the base, or one that a stage has made."""
        if model == self.base:
            return self.base_digest
        made = Manifest.load(manifest_path(model))
        return tables.digest(model) if made is None else made.digest

    @cached_property
    def prompts(self) -> pa.Table:
        """Held out, schema `tables.PROMPTS`."""
        return read_prompts(Path(self.recipe.prompts.test))

    @cached_property
    def prompts_digest(self) -> str:
        """What the file of prompts says."""
        return tables.digest_bytes(Path(self.recipe.prompts.test))

    @cached_property
    def questions(self) -> Sequence[Question]:
        """What the models are asked to see what they know."""
        file = self.recipe.knowledge.file if self.recipe.knowledge else None
        return read_questions(Path(file)) if file else []

    @cached_property
    def decided(self) -> Decided | None:
        """What people decided at the desk; None where there is no desk."""
        return decided(self.recipe, self.directory)

    @cached_property
    def chosen_from(self) -> dict[str, str]:
        """What a choice of examples depends on besides the arm."""
        model = {"embedding": tables.digest(Path(self.recipe.embedding))} if self.recipe.embedding else {}
        texts, ledger = tables.digest(self.directory.texts), tables.digest(self.directory.ledger)
        return {"candidates": texts, "ledger": ledger, "base": self.base_digest} | model

    @cached_property
    def embedder(self) -> Embedder | None:
        """How alike prompts are; vectors of a model are kept beside the ledger, for all arms."""
        if self.recipe.embedding is None:
            return None
        return Kept(embedder(self.recipe.embedding), self.directory.root / "embeddings", self.chosen_from["embedding"])

    @cached_property
    def chooser(self) -> Chooser:
        """Chooses among the checkpoints of a training."""
        return Chooser(self.recipe, self.directory, self.stages)
