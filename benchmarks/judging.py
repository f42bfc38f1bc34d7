"""10,000 judgements by a server that answers each in 50 ms, 64 at once. Writes benchmarks/judging.json.

    python benchmarks/judging.py

The ideal is what the server alone takes: 10,000 * 0.05 / 64 = 7.8 s. The server has a process of its own and does nothing but wait.
Beside the verb, from two tables of answers to the ledger, stand two clients that do nothing but call, and keep nothing: httpx2 at its
fastest, and the openai package. Neither is used, for what they cost here.
"""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import httpx2
import openai
import pyarrow as pa

from thousand import tables
from thousand.judge import judge
from thousand.judge.instructions import read_instructions
from thousand.judge.kinds import Answered, Case
from thousand.recipe import Choice

HERE = Path(__file__).parent
JUDGEMENTS, SECONDS, AT_ONCE = 10_000, 0.05, 64
BARE, ROUNDS = 3_000, 3

SERVER = """
import asyncio, json, sys
said = {"role": "assistant", "content": "Both do what was asked, and the first does it more plainly.\\n\\nA"}
usage = {"prompt_tokens": 400, "completion_tokens": 16}
body = json.dumps({"id": "x", "object": "chat.completion", "created": 0, "model": "m", "usage": usage,
                   "choices": [{"index": 0, "finish_reason": "stop", "message": said}]}).encode()
reply = b"HTTP/1.1 200 OK\\r\\nContent-Type: application/json\\r\\nContent-Length: %d\\r\\n\\r\\n" % len(body) + body

class Connection(asyncio.Protocol):
    def connection_made(self, transport):
        self.transport, self.received = transport, b""

    def data_received(self, data):
        self.received += data
        head, whole, rest = self.received.partition(b"\\r\\n\\r\\n")
        if whole and len(rest) >= int(head.lower().split(b"content-length:", 1)[1].split(b"\\r\\n", 1)[0]):
            self.received = b""
            asyncio.get_running_loop().call_later(float(sys.argv[1]), self.transport.write, reply)

async def main():
    server = await asyncio.get_running_loop().create_server(Connection, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()

asyncio.run(main())
"""


def main() -> None:
    """Measure all three, one after the other."""
    answers = {(arm, 0): answered(arm) for arm in ("claim", "other")}
    with subprocess.Popen([sys.executable, "-c", SERVER, str(SECONDS)], stdout=subprocess.PIPE) as server:
        assert server.stdout is not None
        url = f"http://127.0.0.1:{int(server.stdout.readline())}/v1"
        try:
            found = {
                "judgements": JUDGEMENTS,
                "seconds_per_answer": SECONDS,
                "at_once": AT_ONCE,
                "cores": os.cpu_count(),
                "judge": [measured(JUDGEMENTS, lambda: verb(url, answers)) for _ in range(ROUNDS)],
                "httpx2_alone": measured(BARE, lambda: asyncio.run(bare(with_httpx2(url)))),
                "openai_alone": measured(BARE, lambda: asyncio.run(bare(with_openai(url)))),
            }
        finally:
            server.kill()
    print(json.dumps(found, indent=1))
    (HERE / "judging.json").write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")


def measured(calls: int, work: Callable[[], None]) -> dict[str, float]:
    """Seconds, the share of the ideal, this process's own time for each call, and how many others wanted the cores meanwhile."""
    wall, own = time.perf_counter(), time.process_time()
    work()
    wall, own = time.perf_counter() - wall, time.process_time() - own
    ideal = calls * SECONDS / AT_ONCE
    return {
        "calls": calls,
        "seconds": round(wall, 2),
        "ideal": round(ideal, 2),
        "ratio": round(wall / ideal, 3),
        "own_ms_per_call": round(1e3 * own / calls, 3),
        "load_after": round(os.getloadavg()[0], 1),
    }


def verb(url: str, answers: Mapping[tuple[str, int], pa.Table]) -> None:
    """From the answers to the ledger: half as many prompts, each in both orders."""
    options = {"model": "m", "base_url": url, "concurrency": AT_ONCE, "prompt_price": 1.0, "completion_price": 2.0, "cap": 1e6}
    with tempfile.TemporaryDirectory() as kept:
        ledger = judge(answers, [Choice(name="llm", options=options)], claim="claim", kept=Path(kept))
    assert ledger.num_rows == JUDGEMENTS
    assert ledger["verdict"].null_count == 0


def answered(arm: str) -> pa.Table:
    """Answers of a hundred words."""
    rows = [
        {"prompt_id": f"p{i}", "sample": 0, "prompt": f"What is to be said of {i}?", "answer": f"{arm} says {i}: " + "some words " * 50}
        for i in range(JUDGEMENTS // 2)
    ]
    return pa.Table.from_pylist(rows, schema=tables.ANSWERS)


async def bare(call: Callable[[dict[str, Any]], Awaitable[object]]) -> None:
    """The questions of a judge, made and sent, and nothing else."""
    instructions = read_instructions("pairwise")

    def questions() -> Iterator[dict[str, Any]]:
        for i in range(BARE):
            shown = (Answered("a", 0, f"{i}: " + "some words " * 50), Answered("b", 0, "some words " * 50))
            case = Case(f"p{i}", 0, "", [{"role": "user", "content": f"What is to be said of {i}?"}], shown, "ab")
            yield {"model": "m", "messages": instructions.question(case), "temperature": 0, "max_tokens": 400}

    waiting = questions()

    async def work() -> None:
        for body in waiting:
            await call(body)

    await asyncio.gather(*(work() for _ in range(AT_ONCE)))


def with_httpx2(url: str) -> Callable[[dict[str, Any]], Awaitable[object]]:
    """A client for each call under way: one for all is slower."""
    encryption = httpx2.create_ssl_context()
    idle = [httpx2.AsyncClient(verify=encryption, timeout=None) for _ in range(AT_ONCE)]

    async def call(body: dict[str, Any]) -> object:
        client = idle.pop()
        response = await client.send(httpx2.Request("POST", f"{url}/chat/completions", json=body))
        idle.append(client)
        return response.json()

    return call


def with_openai(url: str) -> Callable[[dict[str, Any]], Awaitable[object]]:
    """One client, and the raw response, without the package's own objects."""
    client = openai.AsyncOpenAI(api_key="none", base_url=url, max_retries=0)

    async def call(body: dict[str, Any]) -> object:
        response = await client.post("/chat/completions", cast_to=httpx2.Response, body=body)
        return response.json()

    return call


if __name__ == "__main__":
    main()
