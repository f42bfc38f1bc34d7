"""The desk at 10,000 examples and 10,000 pairs in a real Chromium, and its tables at 100,000 rows. Writes benchmarks/desk.json.

    python -m benchmarks.desk

The server is `thousand desk`, a process of its own. "painted" is from a key press to the next example on the screen, as the page
itself measures it (performance.measure, ended by the first task after the frame); a key is pressed every 150 ms. A decision is on
the disk when it is answered.
"""

from __future__ import annotations

import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx2
import numpy as np
from playwright.sync_api import sync_playwright
from tests.desk.judged import write_run
from tests.desk.reviewed import contents, make_run

from thousand.desk.near import Neighbourhood
from thousand.desk.pool import CACHE, Pool
from thousand.desk.search import Filters, find

EXAMPLES, PRESSES, LOADS = 10_000, 100, 7
LARGE = 100_000
DEALING = 8.0
"""Seconds after the start in which pairs are dealt out, before anybody opens the page."""


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        figures = {
            "cores": os.cpu_count(),
            "examples": EXAMPLES,
            **at_the_page(Path(folder) / "run"),
            "judging": at_the_bench(Path(folder) / "judged"),
            "pool": at_the_tables(Path(folder) / "large"),
        }
    figures["load_after"] = round(os.getloadavg()[0], 1)
    (Path(__file__).parent / "desk.json").write_text(json.dumps(figures, indent=1) + "\n")
    print(json.dumps(figures, indent=1))


def at_the_page(run: Path) -> dict[str, Any]:
    make_run(run, rows=EXAMPLES * 5 // 4 + 20, budget=EXAMPLES)
    command = [sys.executable, "-m", "thousand.cli", "desk", str(run), "--port", "0", "--no-open"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as server:
        assert server.stdout is not None
        link = server.stdout.readline().strip()
        try:
            return in_the_browser(link) | over_http(link, run)
        finally:
            server.terminate()


def in_the_browser(link: str) -> dict[str, Any]:
    with sync_playwright() as started:
        browser = started.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"] if os.geteuid() == 0 else [])
        page = browser.new_page()
        page.goto(link)
        page.wait_for_url("**/review")
        shown, size = [], 0
        for _ in range(LOADS):
            page.context.new_cdp_session(page).send("Network.clearBrowserCache")
            page.goto(link.split("/enter")[0] + "/review")
            page.wait_for_selector(".item")
            page.wait_for_load_state("networkidle")
            shown.append(
                page.evaluate("() => performance.getEntriesByType('paint').find(each => each.name === 'first-contentful-paint').startTime")
            )
            size = page.evaluate("""() => [...performance.getEntriesByType("navigation"), ...performance.getEntriesByType("resource")]
                .filter(each => !each.name.includes("/review/items/")).reduce((sum, each) => sum + each.transferSize, 0)""")
        for _ in range(PRESSES):
            page.keyboard.press("a")
            page.wait_for_timeout(150)
        painted = sorted(page.evaluate("() => performance.getEntriesByName('shown').map(each => each.duration)"))
        browser.close()
    assert len(painted) == PRESSES
    return {
        "first_page_bytes": size,
        "first_page_ms": {"median": round(statistics.median(shown)), "worst": round(max(shown))},
        "key_to_painted_ms": {"median": round(statistics.median(painted), 1), "p95": round(painted[int(0.95 * PRESSES)], 1)},
    }


def over_http(link: str, run: Path) -> dict[str, Any]:
    order = contents(run)[200:]
    with httpx2.Client(base_url=link.split("/enter")[0]) as client:
        client.get("/enter?" + link.split("?")[1])
        csrf = client.get("/review").text.split('name="csrf" content="')[1].split('"')[0]

        def decide(at: int) -> None:
            body = {"id": str(uuid.uuid4()), "kind": "accept", "subject": order[at]}
            client.post("/api/decisions", json=body, headers={"x-csrf-token": csrf}).raise_for_status()

        return {
            "example_ms": timed(lambda at: client.get(f"/review/items/{order[at]}").raise_for_status(), 100),
            "decision_ms": timed(decide, 100),
        }


def at_the_bench(run: Path) -> dict[str, Any]:
    def said(arm: str) -> Callable[[int], str]:
        return lambda i: f"{arm} {i}. " + "A sentence of the usual kind goes here, and another. " * 20

    arms = {("claim", 0): said("claim")} | {(f"arm-{at}", 0): said(f"arm-{at}") for at in range(25)}
    write_run(run, arms, prompts=EXAMPLES // 25)
    command = [sys.executable, "-m", "thousand.cli", "desk", str(run), "--port", "0", "--no-open"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as server:
        assert server.stdout is not None
        link = server.stdout.readline().strip()
        time.sleep(DEALING)
        try:
            return pairs_in_the_browser(link)
        finally:
            server.terminate()


def pairs_in_the_browser(link: str) -> dict[str, Any]:
    with sync_playwright() as started:
        browser = started.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"] if os.geteuid() == 0 else [])
        page = browser.new_page()
        page.goto(link)
        page.wait_for_url("**/judge")
        shown = page.evaluate("""() => new Promise(done => {
            const look = () => document.getElementById("item")?.hidden === false ? done(performance.now()) : requestAnimationFrame(look);
            look();
        })""")
        size = page.evaluate("""() => [...performance.getEntriesByType("navigation"), ...performance.getEntriesByType("resource")]
            .reduce((sum, each) => sum + each.transferSize, 0)""")
        watch = """key => new Promise(done => {
            const before = document.getElementById("progress").textContent, began = performance.now();
            const look = () => document.getElementById("progress").textContent === before
                ? requestAnimationFrame(look) : requestAnimationFrame(() => done(performance.now() - began));
            document.dispatchEvent(new KeyboardEvent("keydown", {key, bubbles: true}));
            look();
        })"""
        painted = sorted(page.evaluate(watch, "abn"[at % 3]) for at in range(PRESSES))
        browser.close()
    return {
        "pairs": EXAMPLES,
        "first_page_bytes": size,
        "first_page_ms": round(shown),
        "key_to_painted_ms": {"median": round(statistics.median(painted), 1), "p95": round(painted[int(0.95 * PRESSES)], 1)},
    }


def at_the_tables(run: Path) -> dict[str, Any]:
    make_run(run, rows=LARGE, budget=1000)
    for cached in (run / CACHE).glob("*.arrow"):
        cached.unlink()
    began = time.perf_counter()
    pool = Pool.open(run)
    opened = time.perf_counter() - began
    neighbourhood, nobody = Neighbourhood(pool), np.zeros(0, dtype=np.int64)
    return {
        "rows": LARGE,
        "first_opened_s": round(opened, 2),
        "row_by_content_ms": timed(
            lambda at: pool.candidates.row(pool.candidates.rows_of("content", [pool.selection.contents[at]]).popitem()[1]), 50
        ),
        "nearest_ms": timed(lambda at: neighbourhood.nearest(at, 4), 50),
        "search_ms": timed(lambda at: find(pool.candidates, Filters(text=f"number {at}?"), nobody), 20),
    }


def timed(act: Callable[[int], object], times: int) -> dict[str, float]:
    seconds = []
    for at in range(times):
        began = time.perf_counter()
        act(at)
        seconds.append(time.perf_counter() - began)
    return {"median": round(1000 * statistics.median(seconds), 2), "worst": round(1000 * max(seconds), 2)}


if __name__ == "__main__":
    main()
