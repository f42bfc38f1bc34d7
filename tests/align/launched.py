"""Trains small models in the processes of a launcher: ``-m tests.align.launched FOLDER CASES``, the cases by kind, as JSON.

Every process writes what it saw of a case to ``FOLDER/KIND/NAME-RANK.json``.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import accelerate
import pytest
import torch

from tests.align.test_align import FAST, Interruption, selection
from tests.small import SHIPPED
from thousand.align import align, callbacks, processes
from thousand.errors import RecipeError
from thousand.model import load
from thousand.recipe import Align


def train(folder, name, case):
    """Train one model; returns what this process saw.

    Args:
        case: settings, and beside them ``rows``, ``stop`` (all processes end after this step) and ``fail`` (the first one does).
    """
    given = FAST | {"epochs": 2} | case
    rows, stop, fail = given.pop("rows"), given.pop("stop", None), given.pop("fail", None)
    batches, told, networks = [], [], []

    def watched(*arguments, **options):
        model = load(*arguments, **options)
        networks.append(model.network)

        def note(module, _args, kwargs):
            if module.training:
                pad = model.tokenizer.pad_token_id
                examples = [[token for token in row if token != pad] for row in kwargs["input_ids"].tolist()]
                batches.append([each for each in examples if len(each) > 2])  # a row that only fills up has two tokens

        model.network.model.register_forward_pre_hook(note, with_kwargs=True)
        return model

    def progress(step, *_):
        told.append(step)
        if step == fail:
            raise Interruption("the first process fails")

    def logged(self, args, state, control, **_):
        if state.global_step == stop:
            raise Interruption("all processes are stopped")

    checkpoints = folder / f"{name}-checkpoints" if given["checkpoints"] else None
    with pytest.MonkeyPatch.context() as patched:
        for module in ("align", "adapters"):
            patched.setattr(sys.modules[f"thousand.align.{module}"], "load", watched)
        patched.setattr(callbacks.Watching, "on_log", logged)
        try:
            aligned = align(selection(rows), SHIPPED, folder / name, Align(**given), seed=1, checkpoints=checkpoints, progress=progress)
        except Interruption:
            if fail:
                raise
            return None
    weight = next(networks[0].parameters())
    return {"losses": aligned.losses, "batches": batches, "told": told, "shared_out": type(weight).__name__ == "DTensor"}


def main():
    """Train every case in turn, of each kind: weights shared out among the processes, or whole in each."""
    folder, given = Path(sys.argv[1]), json.loads(sys.argv[2])
    torch.distributed.init_process_group("gloo")
    known = accelerate.PartialState._prepare_backend
    # accelerate shares weights out among GPUs only; PyTorch does so among processes on a CPU as well, by the same code.
    feigned = {"shared": lambda *_: ("gloo", accelerate.DistributedType.MULTI_GPU), "whole": known}
    os.environ["ACCELERATE_TORCH_DEVICE"] = "cpu"
    with pytest.raises(RecipeError) as refused:
        processes.join(Align())
    (folder / "refused.txt").write_text(str(refused.value))
    for kind, cases in given.items():
        accelerate.PartialState._reset_state()
        accelerate.PartialState._prepare_backend = feigned[kind]
        os.environ["ACCELERATE_USE_FSDP"] = str(kind == "shared").lower()
        (folder / kind).mkdir(exist_ok=True)
        for name, case in cases:
            (folder / kind / f"{name}-{os.environ['RANK']}.json").write_text(json.dumps(train(folder / kind, name, case)))


if __name__ == "__main__":
    main()
