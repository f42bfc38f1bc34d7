"""Real servers for tests: one that answers as it is told to, faults included, and the one that transformers ships."""

from __future__ import annotations

import atexit
import functools
import importlib.util
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from tests.small import SHIPPED


@dataclass(frozen=True)
class Says:
    """An answer as a server writes it: by default what a model said, with its tokens."""

    text: Any = "4"
    status: int = 200
    body: bytes | None = None  # instead of the text
    headers: dict[str, str] = field(default_factory=dict)
    after: float = 0.0  # seconds
    drops: bool = False  # the connection, without an answer
    drips: bool = False  # a byte at a time, never done
    usage: Any = field(default_factory=lambda: {"prompt_tokens": 100, "completion_tokens": 10})

    @property
    def bytes(self) -> bytes:
        if self.body is not None:
            return self.body
        choice = {"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": self.text}}
        return json.dumps({"id": "x", "object": "chat.completion", "created": 0, "choices": [choice], "usage": self.usage}).encode()


class _Threads(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128  # with five, the sixth who calls at once tries again a second later


class Server:
    """An OpenAI-compatible server on this machine.

    Args:
        says: from what is asked and how often it was asked before to what is said.

    Attributes:
        asked: the questions in the order in which they came. answered: those whose answer was written, how often.
        bodies, headers, times: of the requests. busiest: most requests at once.
    """

    def __init__(self, says: Callable[[str, int], Says]) -> None:
        self.asked: list[str] = []
        self.answered: Counter[str] = Counter()
        self.bodies: list[dict[str, Any]] = []
        self.headers: list[dict[str, str]] = []
        self.times: list[float] = []
        self.busiest = self._busy = 0
        lock = threading.Lock()
        server = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            wbufsize = -1  # an answer in one piece: in two, the second waits for the first to be acknowledged

            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["content-length"])))
                said = body["messages"][-1]["content"]
                with lock:
                    before = server.asked.count(said)
                    server.asked.append(said)
                    server.bodies.append(body)
                    server.headers.append({name.lower(): value for name, value in self.headers.items()})
                    server.times.append(time.monotonic())
                    server._busy += 1
                    server.busiest = max(server.busiest, server._busy)
                try:
                    self.answer(said, says(said, before))
                finally:
                    with lock:
                        server._busy -= 1

            def answer(self, said: str, reply: Says) -> None:
                time.sleep(reply.after)
                self.close_connection = reply.drops or reply.drips
                if reply.drops:
                    self.connection.shutdown(socket.SHUT_RDWR)
                    return
                data = reply.bytes
                try:
                    self.send_response(reply.status)
                    for name, value in ({"content-type": "application/json", "content-length": str(len(data))} | reply.headers).items():
                        self.send_header(name, value)
                    self.end_headers()
                    if reply.drips:
                        for byte in data:
                            self.wfile.write(bytes([byte]))
                            self.wfile.flush()
                            time.sleep(0.05)
                    self.wfile.write(data)
                    self.wfile.flush()
                    with lock:
                        server.answered[said] += 1
                except OSError:
                    self.close_connection = True  # the caller has gone

            def log_message(self, *_: object) -> None:
                pass

        self._http = _Threads(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._http.server_port}/v1"
        threading.Thread(target=self._http.serve_forever, args=(0.01,), daemon=True).start()

    def __enter__(self) -> Server:
        return self

    def __exit__(self, *_: object) -> None:
        self._http.shutdown()
        self._http.server_close()


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


@functools.cache
def transformers_server() -> tuple[str, str]:
    """The laboratory's base with a chat template, served once: its address and the model's name."""
    folder = Path(tempfile.mkdtemp()) / "model"
    shutil.copytree(SHIPPED, folder)
    settings = json.loads((folder / "tokenizer_config.json").read_text())
    template = "{{ bos_token }}Question: {{ messages[-1]['content'] }} Answer:"
    (folder / "tokenizer_config.json").write_text(json.dumps(settings | {"chat_template": template}))
    return served_by_transformers(folder), str(folder)


def served_by_transformers(folder: Path) -> str:
    """The address of ``transformers serve`` with a model; it ends with the tests, and so does the folder's parent."""
    missing = [name for name in ("fastapi", "uvicorn") if importlib.util.find_spec(name) is None]
    command = Path(sys.executable).with_name("transformers")
    if missing or not command.exists():
        pytest.skip(f"`transformers serve` cannot be started: there is no {', '.join(missing) or command}")
    port = free_port()
    log = folder.with_name("log").open("w+")
    process = subprocess.Popen(
        [str(command), "serve", str(folder), "--host", "127.0.0.1", "--port", str(port), "--device", "cpu"],
        stdout=log,
        stderr=log,
        env={**os.environ, "HF_HUB_OFFLINE": "1"},
    )
    _STARTED.append((process, folder.parent))
    until = time.monotonic() + 120
    while process.poll() is None and time.monotonic() < until:
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{port}/health", timeout=1).close()
        except OSError:
            time.sleep(0.1)
        else:
            return f"http://127.0.0.1:{port}/v1"
    log.seek(0)
    raise AssertionError(f"`transformers serve` did not come up:\n{log.read()[-2000:]}")


_STARTED: list[tuple[subprocess.Popen[bytes], Path]] = []


def _end() -> None:
    for process, folder in _STARTED:
        process.kill()
        process.wait()
        shutil.rmtree(folder, ignore_errors=True)


atexit.register(_end)
