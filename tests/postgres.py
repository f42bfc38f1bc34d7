"""A PostgreSQL server of our own, for as long as a test needs one: its own data, its own socket, writes synced to the disk."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

_OTHERS = ("postgres", "nobody")
"""Who runs it where the tests are run by root, which PostgreSQL refuses."""


def binaries() -> Path | None:
    """The folder of ``initdb`` and ``postgres``: Debian keeps them out of the PATH."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    named = shutil.which("initdb")
    return found[-1].parent if found else Path(named).parent if named else None


@contextmanager
def cluster() -> Iterator[str]:
    """A server; gives the URL of its database. Skips the test where PostgreSQL is not installed."""
    programs = binaries()
    if programs is None:
        pytest.skip("PostgreSQL is not installed: make postgres")
    folder = Path(tempfile.mkdtemp(prefix="pg-", dir="/tmp"))  # the path of a socket must be short
    identity = _identity()
    if identity:
        os.chown(folder, identity["user"], identity["group"])
    data = folder / "data"
    try:
        made = subprocess.run(
            [programs / "initdb", "-D", data, "-U", "desk", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync"],
            **identity,
            cwd=folder,
            capture_output=True,
            text=True,
            check=False,
        )
        assert made.returncode == 0, made.stderr
        settings = ["-c", "listen_addresses=", "-c", f"unix_socket_directories={folder}", "-c", "fsync=on", "-c", "max_connections=120"]
        with (folder / "log").open("w") as log:
            server = subprocess.Popen(
                [programs / "postgres", "-D", data, *settings], **identity, cwd=folder, stdout=log, stderr=log, start_new_session=True
            )
        try:
            _ready(programs, folder, server)
            yield f"postgresql://desk@/postgres?host={folder}"
        finally:
            server.send_signal(signal.SIGINT)  # disconnects the clients and stops
            server.wait(timeout=30)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _identity() -> dict[str, object]:
    if os.geteuid() != 0:
        return {}
    for name in _OTHERS:
        try:
            user = pwd.getpwnam(name)
        except KeyError:
            continue
        return {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}
    pytest.skip(f"PostgreSQL does not run as root, and there is no user {' or '.join(_OTHERS)}")


def _ready(programs: Path, folder: Path, server: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + 30
    while time.monotonic() < until:
        assert server.poll() is None, (folder / "log").read_text()
        if subprocess.run([programs / "pg_isready", "-q", "-h", folder], check=False).returncode == 0:
            return
        time.sleep(0.05)
    raise AssertionError((folder / "log").read_text())
