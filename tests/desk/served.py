"""A desk's server in a process of its own, to be killed: ``python -m tests.desk.served RUN PORT TOKEN``."""

from __future__ import annotations

import sys
from pathlib import Path

import uvicorn

from thousand.desk.app import make_app
from thousand.desk.limits import Limits, Rate
from thousand.desk.store import Store

if __name__ == "__main__":
    run, port, token = Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
    unbounded = Limits(person=Rate(1e9, 1e9))  # fifty people, under one name
    uvicorn.run(make_app(run, Store.at(run), token=token, limits=unbounded), port=port, log_level="warning")
