"""Runs of which only the answers are there, a desk that serves them, and people at it: by HTTP, or by keyboard in Chromium."""

from __future__ import annotations

import contextlib
import http.client
import json
import re
import shutil
import threading
import time
import uuid
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pyarrow as pa
import pytest
import uvicorn

from thousand import tables
from thousand.desk.app import make_app
from thousand.desk.items import Answer, Item
from thousand.desk.store import Store

TOKEN = "t" * 43
PROMPTS = 40


def answers_of(prompts: int, text: Callable[[int], str]) -> pa.Table:
    """One answer to each of the prompts prompt-0, prompt-1, ..."""
    rows = [{"prompt_id": f"prompt-{i}", "sample": 0, "prompt": f"What is {i} and {i}?", "answer": text(i)} for i in range(prompts)]
    return pa.Table.from_pylist(rows, schema=tables.ANSWERS)


def write_run(run: Path, arms: Mapping[tuple[str, int], Callable[[int], str]], prompts: int = PROMPTS, sensitive: int = 0) -> Path:
    """A run directory with answers and prompts; the first arm is the claim, the first prompts are sensitive."""
    for (arm, seed), text in arms.items():
        tables.write(run / "arms" / arm / f"seed-{seed}" / "answers.parquet", answers_of(prompts, text))
    (run / "recipe.yaml").write_text("arms:\n" + "".join(f"  {arm}: {{}}\n" for arm in dict.fromkeys(arm for arm, _ in arms)))
    asked = [
        {"prompt_id": f"prompt-{i}", "messages": [{"role": "user", "content": "?"}], "tags": ["safety"] if i < sensitive else []}
        for i in range(prompts)
    ]
    tables.write(run / "prompts.parquet", pa.Table.from_pylist(asked, schema=tables.PROMPTS))
    return run


def pairs(others: int = 3, prompts: int = 20, samples: int = 1, claim: str = "claim") -> list[Item]:
    """Pairs of the claim with other arms; every text occurs once."""
    return [
        Item(
            "pair",
            f"p{prompt}",
            sample,
            f"q{prompt}",
            (Answer(claim, 0, f"claim {prompt} {sample}"), Answer(f"other-{other}", 0, f"{other} {prompt} {sample}")),
        )
        for other in range(others)
        for prompt in range(prompts)
        for sample in range(samples)
    ]


class Wire:
    """Every answer of an application, whole: method, address, status, headers, body."""

    def __init__(self, app) -> None:
        self.app = app
        self.told: list[tuple[str, str, int, list[tuple[str, str]], str]] = []

    async def __call__(self, scope, receive, send) -> None:
        status, headers, body = 0, [], b""

        async def heard(message):
            nonlocal status, headers, body
            if message["type"] == "http.response.start":
                status, headers = message["status"], [(name.decode(), value.decode()) for name, value in message["headers"]]
            body += message.get("body", b"")
            await send(message)

        await self.app(scope, receive, heard)
        if scope["type"] == "http":
            address = f"{scope['path']}?{scope['query_string'].decode()}"
            self.told.append((scope["method"], address, status, headers, body.decode()))


@contextlib.contextmanager
def serving(run: Path, wire: type[Wire] | None = None) -> Iterator:
    """A desk on a run, in this process: its address, after the wire if one is wanted."""
    with Store.at(run) as store:
        app = make_app(run, store, token=TOKEN)
        app = wire(app) if wire else app
        server = uvicorn.Server(uvicorn.Config(app, port=0, log_level="error"))
        thread = threading.Thread(target=server.run)
        thread.start()
        try:
            while not server.started:
                time.sleep(0.01)
            address = f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
            yield (app, address) if wire else address
        finally:
            server.should_exit = True
            thread.join()


class Person:
    """Somebody with a session, asking by HTTP."""

    def __init__(self, address: str, token: str = TOKEN) -> None:
        self.host = address.removeprefix("http://")
        self.cookie = self.csrf = ""
        status, headers, _ = self._ask("GET", f"/enter?token={token}")
        assert status == 200
        self.cookie = headers["set-cookie"].split(";")[0]
        self.csrf = re.search(r'name="csrf" content="(\w+)"', self.get("/judge")[1]).group(1)

    def get(self, path: str) -> tuple[int, str]:
        status, _, body = self._ask("GET", path)
        return status, body

    def post(self, path: str, **body: object) -> tuple[int, str]:
        status, _, said = self._ask("POST", path, json.dumps(body))
        return status, said

    def next(self, task: str = "pair") -> dict:
        return json.loads(self.get(f"/judge/next?task={task}")[1])

    def judge(self, said: str, item: str, **more: object) -> dict:
        status, answer = self.post("/judge/verdict", **{"event": str(uuid.uuid4()), "item": item, "said": said, "seconds": 2.5} | more)
        assert status == 200, answer
        return json.loads(answer)

    def _ask(self, method: str, path: str, body: str | None = None) -> tuple[int, dict, str]:
        connection = http.client.HTTPConnection(self.host, timeout=20)
        headers = {"cookie": self.cookie, "x-csrf-token": self.csrf, "content-type": "application/json"}
        connection.request(method, path, body, headers)
        answer = connection.getresponse()
        found = answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read().decode()
        connection.close()
        return found


@contextlib.contextmanager
def chromium() -> Iterator:
    """A browser; the test is skipped where there is none."""
    playwright = pytest.importorskip("playwright.sync_api")
    found = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    with playwright.sync_playwright() as started:
        try:
            browser = started.chromium.launch(executable_path=found, args=["--no-sandbox"])
        except playwright.Error as error:
            pytest.skip(f"no Chromium: {str(error).splitlines()[0]}")
        yield browser
        browser.close()


def enter(browser, address: str, token: str = TOKEN, **settings: object):
    """A page of somebody who has opened their link, in a context of its own."""
    page = browser.new_context(**settings).new_page()
    page.goto(f"{address}/enter?token={token}")
    page.wait_for_url(re.compile("/(judge|review)"))
    return page


def press(page, key: str) -> None:
    """A key, and wait for what comes of it."""
    before = page.text_content("#progress")
    page.keyboard.press(key)
    page.wait_for_function("before => document.getElementById('progress').textContent !== before", arg=before)
