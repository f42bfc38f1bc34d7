"""The server is killed while fifty write: what it has acknowledged is there afterwards, and what is posted again is there once."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
import uuid
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from threading import Event as Flag
from typing import Any

import pytest
from fastapi.testclient import TestClient

from tests.postgres import cluster
from tests.select import pool
from thousand import tables
from thousand.desk.app import make_app
from thousand.desk.store import Store
from thousand.desk.where import VARIABLE
from thousand.recipe import Arm
from thousand.select import select

WRITERS, ACKNOWLEDGED, TOKEN = 50, 80, "t" * 40


@pytest.fixture
def run(tmp_path: Path) -> Path:
    """A run directory with a pool of sixty and a selection of twenty."""
    candidates, ledger = pool.write(tmp_path, pool.ROWS)
    folder = tmp_path / "run"
    (folder / "curate").mkdir(parents=True)
    candidates.rename(folder / "curate" / "texts")
    ledger.rename(folder / "curate" / "ledger.parquet")
    arm = Arm(select="random", budget=20)
    chosen = select(folder / "curate" / "texts", folder / "curate" / "ledger.parquet", arm)
    tables.write(folder / "arms" / "curated" / "selection.parquet", chosen, tables.SELECTION)
    return folder


@dataclass
class Server:
    """The desk, in a process."""

    run: Path
    port: int
    process: subprocess.Popen[bytes] = field(init=False)

    def start(self) -> None:
        command = [sys.executable, "-m", "tests.desk.served", str(self.run), str(self.port), TOKEN]
        self.process = subprocess.Popen(command, cwd=Path(__file__).parents[2], start_new_session=True)
        until = time.monotonic() + 60
        while time.monotonic() < until:
            assert self.process.poll() is None
            try:
                socket.create_connection(("127.0.0.1", self.port), timeout=1).close()
                return
            except OSError:
                time.sleep(0.05)
        raise AssertionError("the server does not answer")

    def kill(self) -> None:
        os.killpg(self.process.pid, signal.SIGKILL)
        assert self.process.wait(30) == -signal.SIGKILL

    def enter(self) -> dict[str, str]:
        """The headers of a session that may write."""
        connection = HTTPConnection("127.0.0.1", self.port, timeout=30)
        connection.request("GET", f"/enter?token={TOKEN}")
        answer = connection.getresponse()
        cookie = (answer.getheader("set-cookie") or "").partition(";")[0]
        answer.read()
        connection.request("GET", "/review", headers={"Cookie": cookie})
        csrf = re.search(rb'name="csrf" content="([^"]+)"', connection.getresponse().read())
        assert csrf is not None
        return {"Cookie": cookie, "X-CSRF-Token": csrf[1].decode(), "Content-Type": "application/json"}

    def post(self, headers: dict[str, str], decision: dict[str, Any]) -> bool:
        """Whether it was acknowledged."""
        connection = HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            connection.request("POST", "/api/decisions", json.dumps(decision), headers)
            answer = connection.getresponse()
            said = answer.read()
        except (OSError, HTTPException):
            return False
        finally:
            connection.close()
        assert answer.status == 200, said
        return True


def decision(contents: list[str], writer: int, turn: int) -> dict[str, Any]:
    kind = ("accept", "reject", "edit", "skip")[(writer + turn) % 4]
    made = {"id": str(uuid.uuid4()), "kind": kind, "subject": contents[(writer * 7 + turn) % len(contents)]}
    said = [{"role": "user", "content": "Asked anew?"}, {"role": "assistant", "content": f"By writer {writer}, turn {turn}."}]
    return made | ({"messages": said} if kind == "edit" else {})


def check_killed(run: Path) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        server = Server(run, probe.getsockname()[1])
    contents = tables.read(run / "arms" / "curated" / "selection.parquet")["content"].to_pylist()
    posted: dict[int, list[dict[str, Any]]] = {writer: [] for writer in range(WRITERS)}
    acknowledged: list[str] = []
    killed = Flag()

    def write(writer: int) -> None:
        while not killed.is_set():
            posted[writer].append(decision(contents, writer, len(posted[writer])))
            if not server.post(headers, posted[writer][-1]):
                return  # this one was not acknowledged: it may be there or not
            acknowledged.append(posted[writer][-1]["id"])

    server.start()
    try:
        headers = server.enter()
        with ThreadPoolExecutor(WRITERS) as writers:
            done = [writers.submit(write, writer) for writer in posted]
            while len(acknowledged) < ACKNOWLEDGED and not any(each.done() for each in done):
                time.sleep(0.005)
            server.kill()
            killed.set()
        for each in done:
            each.result()
    finally:
        server.process.kill()
    with Store.at(run) as store:
        there = Counter(event.id for event in store.events())
    assert ACKNOWLEDGED <= len(acknowledged) < sum(map(len, posted.values()))  # it died while it was asked
    assert set(acknowledged) <= there.keys()
    assert set(there.values()) == {1}

    server.start()  # whoever had no answer posts again, and so does one who had
    try:
        again = [each for own in posted.values() for each in own[-2:]]
        with ThreadPoolExecutor(WRITERS) as writers:
            assert all(writers.map(lambda each: server.post(headers, each), again))
    finally:
        server.kill()
    with Store.at(run) as store:
        assert sorted(event.id for event in store.events()) == sorted(each["id"] for own in posted.values() for each in own)


def test_sqlite(run: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(VARIABLE, raising=False)
    check_killed(run)
    assert (run / "desk" / "desk.sqlite").is_file()


def test_postgresql(run: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with cluster() as url:
        monkeypatch.setenv(VARIABLE, url)
        check_killed(run)
        store = Store.at(run)
        desk = TestClient(make_app(run, store, token=TOKEN), base_url="http://127.0.0.1:8000", raise_server_exceptions=False)
        assert desk.get("/enter", params={"token": TOKEN}).status_code == 200
        assert desk.get("/api/progress").status_code == 200
    assert not (run / "desk" / "desk.sqlite").exists()
    gone = desk.get("/api/progress")  # while its database is gone the desk says that it cannot, and no more
    store.close()
    assert gone.status_code == 503
    assert "What was acknowledged is kept" in gone.json()["detail"]
    assert "postgresql" not in gone.text
