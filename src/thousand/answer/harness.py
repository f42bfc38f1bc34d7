"""Tasks of the language-model evaluation harness (Gao et al. 2021), asked of a model in this process, without network.

Optional: ``pip install 'thousand[harness]'``. Its chat templates are not used, so that base and aligned model are asked alike.
"""

from __future__ import annotations

import contextlib
import hashlib
import importlib.util
import io
import json
import logging
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import pyarrow as pa

from thousand import tables
from thousand.errors import RecipeError
from thousand.model import Model, load
from thousand.recipe import Harness

METRICS = ("acc_norm", "acc", "exact_match")
"""What says that an answer is right; the first of them that a task has."""
_SEED = 1234
"""By which the harness draws examples before questions, its own default."""


def harness(model: str | Path | Model, settings: Harness, *, batch: int = 16) -> pa.Table:
    """Ask a model every question of the tasks.

    Returns:
        Schema `tables.KNOWLEDGE`, one row for each question; ``form`` is ``harness: TASK``.

    Raises:
        RecipeError: as `check_harness`.
    """
    names = check_harness(settings)[0]
    loaded = model if isinstance(model, Model) else load(model)
    with _offline():
        from lm_eval.evaluator import evaluate  # simple_evaluate would seed this process's random numbers and call git
        from lm_eval.models.huggingface import HFLM

        asked = HFLM(pretrained=loaded.network, tokenizer=loaded.tokenizer, batch_size=batch, max_length=loaded.context)
        tasks = _manager(settings).load(list(settings.tasks))
        for task in tasks["tasks"].values():
            shots = task.get_config("num_fewshot") if settings.shots is None else settings.shots
            task.set_config(key="num_fewshot", value=shots or 0)
            task.set_fewshot_seed(seed=_SEED)
        found = evaluate(lm=asked, task_dict=tasks, limit=settings.limit, log_samples=True, bootstrap_iters=0)
    rows = [_row(name, sample, metric) for name, metric in names.items() for sample in _first_filter(found["samples"][name])]
    return pa.Table.from_pylist(rows, tables.KNOWLEDGE)


@cache
def check_harness(settings: Harness) -> tuple[Mapping[str, str], str]:
    """The tasks with the metric that decides in each, and a hash of what they ask.

    Raises:
        RecipeError: the harness is not installed, a task or its data are not here, or a task has no metric of right and wrong.
    """
    if importlib.util.find_spec("lm_eval") is None:
        raise RecipeError(
            "knowledge.harness: the evaluation harness is not installed.", "Install it: pip install 'thousand[harness]', or leave it out."
        )
    if settings.include_path is not None and not Path(settings.include_path).is_dir():
        raise RecipeError(f"knowledge.harness.include_path: there is no folder {settings.include_path}.")
    metrics: dict[str, str] = {}
    asked = hashlib.sha256()
    for wanted in settings.tasks:
        for name, task in _loaded(settings, wanted).items():
            given = [each["metric"] for each in task.config.metric_list or []]
            metric = next((each for each in METRICS if each in given), None)
            if metric is None:
                raise RecipeError(
                    f"knowledge.harness.tasks: {name} measures {', '.join(map(str, given)) or 'nothing'}.",
                    f"What is known is right or wrong: a task needs one of {', '.join(METRICS)}.",
                )
            metrics[name] = metric
            asked.update(json.dumps([name, task.dump_config(), list(task.eval_docs)], sort_keys=True, default=str).encode())
    return metrics, asked.hexdigest()[:32]


def _loaded(settings: Harness, wanted: str) -> Mapping[str, Any]:
    """The tasks of a name, with their data."""
    try:
        with _offline():
            tasks: Mapping[str, Any] = _manager(settings).load([wanted])["tasks"]
            empty = [name for name, task in tasks.items() if not len(task.eval_docs)]
    except Exception as error:  # whatever a task's file makes it do
        told = str(error).strip().split("\n")[0][:300] or type(error).__name__
        raise RecipeError(
            f"knowledge.harness.tasks: {wanted!r} cannot be loaded: {told}.",
            "The task's YAML must stand in include_path and its data on this machine: nothing is downloaded."
            " A relative path in data_files starts where the command is run.",
        ) from None
    if not tasks or empty:
        raise RecipeError(f"knowledge.harness.tasks: {', '.join(empty) or wanted!r} asks nothing.", "Its data have no rows.")
    return tasks


def _manager(settings: Harness) -> Any:
    from lm_eval.tasks import TaskManager

    return TaskManager(include_path=settings.include_path, include_defaults=settings.include_path is None)


def _first_filter(samples: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """One sample for each question: a task that reads answers in several ways has one for each way."""
    first: dict[int, dict[str, Any]] = {}
    for each in samples:
        first.setdefault(each["doc_id"], each)
    return [first[i] for i in sorted(first)]


def _row(task: str, sample: Mapping[str, Any], metric: str) -> dict[str, Any]:
    arguments, target, said = sample["arguments"], sample["target"], sample["filtered_resps"][0]
    value = sample.get(metric)
    known = {0.0: False, 1.0: True}.get(float(value)) if isinstance(value, bool | int | float) else None
    choice = isinstance(target, int) and not isinstance(target, bool) and 0 <= target < len(arguments)
    return {
        "question_id": f"{task}:{sample['doc_id']}",
        "question": str(arguments[0][0]),
        "expected": str(arguments[target][1]).strip() if choice and len(arguments) > 1 else str(target),
        "said": said if isinstance(said, str) else None,
        "known": known,
        "form": f"harness: {task}",
        "reason": None if known is not None else f"{metric} is {value!r}, neither right nor wrong",
    }


@contextlib.contextmanager
def _offline() -> Iterator[None]:
    """Nothing is fetched, and the harness keeps its log and its bars to itself."""
    import datasets.config
    import huggingface_hub.constants

    places = [
        (module, name)
        for module in (datasets.config, huggingface_hub.constants)
        for name in ("HF_HUB_OFFLINE", "HF_DATASETS_OFFLINE")
        if hasattr(module, name)
    ]
    before = [getattr(module, name) for module, name in places]
    level = logging.root.manager.disable
    try:
        for module, name in places:
            setattr(module, name, True)
        logging.disable(logging.WARNING)
        with contextlib.redirect_stderr(io.StringIO()), contextlib.redirect_stdout(io.StringIO()):
            yield
    finally:
        logging.disable(level)
        for (module, name), value in zip(places, before, strict=True):
            setattr(module, name, value)
