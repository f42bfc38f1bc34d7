"""Runs with something to review, made by schema, and a desk that serves them and can be ended and begun again at its address."""

from __future__ import annotations

import re
import threading
import time
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import uvicorn
from fastapi.testclient import TestClient

from thousand import tables
from thousand.conversation import content_id
from thousand.desk import near
from thousand.desk.app import make_app
from thousand.desk.limits import Limits, Rate
from thousand.desk.pool import CACHE, Pool
from thousand.desk.store import Store

TOKEN = "t" * 43
UNBOUNDED = Limits(*[Rate(1e9, 1e9)] * 3)
_TOPICS = ("bread", "bees", "sailing", "chess", "violins", "roses", "glaciers", "bridges")


def messages_of(i: int) -> list[dict[str, str]]:
    """A question and its answer; no two are alike."""
    topic = _TOPICS[i % len(_TOPICS)]
    answer = f"About {topic} one may say this: **number {i}** is of the kind {i % 7}.\n\n- first {i}\n- then {i + 1}\n\n"
    answer += f"```python\nprint({i})\n```"
    return [{"role": "user", "content": f"What of {topic}, number {i}?"}, {"role": "assistant", "content": answer}]


def make_run(
    run: Path,
    rows: int = 60,
    budget: int = 20,
    reserve: int = 10,
    messages: Callable[[int], list[dict[str, str]]] = messages_of,
    compared: bool = True,
    **columns: Any,
) -> Path:
    """A run until it has chosen: every fifth row is dropped for its links, the first that are kept are chosen, the next are its reserve.

    Args:
        compared: whether its vectors are there: made of the texts, or of more than a thousand drawn at random.
        columns: what every row says in a column, instead of the usual.
    """
    texts, ledger = [], []
    for i in range(rows):
        turns = messages(i)
        content = content_id(turns)  # type: ignore[arg-type]
        row = {
            "id": f"{i:016x}",
            "content": content,
            "source": ("chat:pool.jsonl", "stackexchange:garden")[i % 2],
            "origin": f"pool.jsonl:{i}",
        }
        row |= {
            "messages": turns,
            "score": None,
            "author": "Ann",
            "licence": "CC BY-SA 4.0",
            "link": f"https://example.org/{i}",
            "tags": [],
        }
        texts.append(row | {"group": None} | columns)
        fate = {"id": row["id"], "content": content, "kept": i % 5 != 0, "reasons": [] if i % 5 else ["links"], "twin": None}
        measured = {"words": float(i), "asked": None if i % 3 == 0 else i / rows}
        ledger.append(fate | {"similarity": None, "unmeasured": [] if i % 3 else ["asked: no words"]} | measured)
    signals = [("words", pa.float64()), ("asked", pa.float64())]
    tables.write(run / "curate" / "texts" / "part-00000.parquet", pa.Table.from_pylist(texts, tables.CANDIDATES))
    tables.write(run / "curate" / "ledger.parquet", pa.Table.from_pylist(ledger, pa.schema([*tables.LEDGER, *signals])))
    kept = [row for row, fate in zip(texts, ledger, strict=True) if fate["kept"]]
    picks, rest = kept[:budget], kept[budget : budget + reserve]
    tables.write(run / "arms" / "curated" / "selection.parquet", _selection(picks, "facility_location, asked"))
    tables.write(run / "arms" / "curated" / "reserve.parquet", _selection(rest, "reserve"))
    if compared and rows <= 1000:
        near.make(Pool.open(run))
    elif compared:
        vectors = np.random.default_rng(0).normal(size=(rows, 128)).astype(np.float32)
        np.save(run / CACHE / f"vectors-{Pool.open(run).candidates.key}.npy", vectors / np.linalg.norm(vectors, axis=1)[:, None])
    return run


def _selection(rows: list[dict[str, Any]], reason: str) -> pa.Table:
    own = {"gain": 0.5, "quality": 0.25, "stratum": None, "nearest": None, "similarity": None, "stands_for": 2, "displaced": []}
    named = ("id", "content", "source", "origin", "messages", "licence", "author", "link")
    picks = [{"rank": n, **{name: row[name] for name in named}, **own, "reason": f"{reason}: {n}"} for n, row in enumerate(rows, 1)]
    return pa.Table.from_pylist(picks, tables.SELECTION)


def contents(run: Path) -> list[str]:
    """The contents of the selection, by rank."""
    found: list[str] = tables.read(run / "arms" / "curated" / "selection.parquet")["content"].to_pylist()
    return found


class Person:
    """Somebody with a session, without a browser."""

    def __init__(self, app: Any, token: str = TOKEN) -> None:
        self.client = TestClient(app, base_url="http://127.0.0.1:8321", follow_redirects=False)
        assert self.client.get("/enter", params={"token": token}).status_code == 200
        page = self.client.get("/search", headers={"accept": "text/html"}).text
        found = re.search(r'name="csrf" content="(\w+)"', page)
        self.csrf = found[1] if found else ""

    def get(self, path: str, **query: Any) -> Any:
        return self.client.get(path, params=query)

    def post(self, path: str, **body: Any) -> Any:
        return self.client.post(path, json={"id": str(uuid.uuid4()), **body}, headers={"x-csrf-token": self.csrf})

    def decide(self, kind: str, subject: str | None = None, **more: Any) -> dict[str, Any]:
        answer = self.post("/api/decisions", kind=kind, subject=subject, **more)
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found


class Served:
    """A desk on a run, in a thread; ended and begun again, it is another application on the same store, at the same address."""

    def __init__(self, run: Path, limits: Limits | None = None) -> None:
        self.run, self.limits, self.port = run, limits, 0
        self.start()

    def start(self) -> None:
        self.store = Store.at(self.run)
        self.app = make_app(self.run, self.store, token=TOKEN, limits=self.limits)
        config = uvicorn.Config(self.app, port=self.port, log_level="error", timeout_graceful_shutdown=1)
        self.server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self.server.run)
        self._thread.start()
        while not self.server.started:
            time.sleep(0.01)
        self.port = self.server.servers[0].sockets[0].getsockname()[1]

    def stop(self) -> None:
        self.server.should_exit = True
        self._thread.join()
        self.store.close()

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def events(self, *kinds: str) -> list[Any]:
        return self.store.events(kinds=kinds or ["accept", "reject", "edit", "write", "skip", "undo"])
