"""Runs the command line in a process that can be killed at a moment of its work with files."""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path

import torch
import transformers
from trl.trainer import sft_trainer

from thousand.align import callbacks
from thousand.cli import main

FIRST = sft_trainer, callbacks  # imported once, before processes are forked from here


def thousand(arguments, moment):
    """``thousand`` with arguments.

    Args:
        moment: when it is killed: before the first such change to a file, an event of `sys.addaudithook` and the end of the file's
            path, as in ``os.rename epoch-02.partial``; or ``half`` and a file of weights or states, of which half is written then.
            None lets it go on to its end.
    """

    def pass_by(event, path):
        if moment is not None and event == moment.partition(" ")[0] and str(path).endswith(moment.partition(" ")[2]):
            os.kill(os.getpid(), signal.SIGKILL)

    def halfway(save):
        def saving(what, path, **options):
            save(what, path, **options)
            whole = Path(path).read_bytes()
            Path(path).write_bytes(whole[: len(whole) // 2])
            pass_by("half", path)
            Path(path).write_bytes(whole)

        return saving

    torch.save = halfway(torch.save)
    transformers.modeling_utils.safe_save_file = halfway(transformers.modeling_utils.safe_save_file)
    sys.addaudithook(lambda event, given: pass_by(event, given[0]) if event in ("os.rename", "shutil.rmtree") else None)
    sys.argv = ["thousand", *arguments]
    main()
