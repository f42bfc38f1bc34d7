"""Data sets that Hugging Face's libraries have already fetched to this machine, found in their caches. Nothing is fetched here.

``datasets.load_dataset`` cannot read a fetched data set without asking the Hub about it first; its files can simply be read.
"""

from __future__ import annotations

import os
import re
from pathlib import Path

from thousand.errors import DataError

PREFIX = "hf:"


def cached(name: str) -> Path:
    """The folder of a data set: as `datasets` prepared it, else as it was fetched from the Hub.

    Args:
        name: as on the Hub, ``owner/name`` or ``name``.

    Raises:
        DataError: it is no such name, is in neither cache, or was prepared more than once.
    """
    if not re.fullmatch(r"(?:[\w-][\w.-]*/)?[\w-][\w.-]*", name):
        raise DataError(f"{PREFIX}{name} is not the name of a data set.", f"Write it as on the Hub: {PREFIX}owner/name.")
    prepared, fetched = _caches()
    found = [info.parent for info in sorted(prepared.glob(f"{_prepared_name(name)}/*/*/*/dataset_info.json"))]
    if len(found) > 1:
        raise DataError(
            f"{PREFIX}{name} is in the cache {len(found)} times.", f"Give the folder of one as path: {', '.join(map(str, found))}"
        )
    if found:
        return found[0]
    kept = fetched / f"datasets--{name.replace('/', '--')}"
    reference = kept / "refs" / "main"
    revision = reference.read_text(encoding="utf-8").strip() if reference.is_file() else ""
    snapshot = kept / "snapshots" / revision
    if re.fullmatch(r"[0-9a-f]{40}", revision) and snapshot.is_dir():
        return snapshot
    raise DataError(
        f"{PREFIX}{name} is not on this machine: neither {prepared} nor {fetched} has it.",
        f"Fetch it once (hf download --repo-type dataset {name}), or give the folder it lies in as path.",
    )


def _caches() -> tuple[Path, Path]:
    """Where `datasets` keeps what it prepared, and the Hub's client what it fetched."""
    general = os.environ.get("XDG_CACHE_HOME") or "~/.cache"
    home = os.environ.get("HF_HOME") or f"{general}/huggingface"
    prepared = os.environ.get("HF_DATASETS_CACHE") or f"{home}/datasets"
    fetched = os.environ.get("HF_HUB_CACHE") or os.environ.get("HUGGINGFACE_HUB_CACHE") or f"{home}/hub"
    return Path(prepared).expanduser(), Path(fetched).expanduser()


def _prepared_name(name: str) -> str:
    """``owner/DataSet`` is kept as ``owner___data_set``."""
    owner, slash, last = name.rpartition("/")
    last = re.sub(r"([a-z\d])([A-Z])", r"\1_\2", re.sub(r"([A-Z]+)([A-Z][a-z])", r"\1_\2", last)).lower()
    return f"{owner}___{last}" if slash else last
