"""`thousand desk`: where it is served, to whom, and how it ends."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
import threading
import urllib.request

import pytest

from tests.desk.reviewed import make_run
from thousand.desk.members import members
from thousand.desk.serve import Address, Desk
from thousand.desk.store import Store
from thousand.errors import DataError, RecipeError, ThousandError


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    return make_run(tmp_path_factory.mktemp("serve") / "run")


@pytest.fixture(scope="module")
def store(run):
    with Store.at(run) as opened:
        yield opened


def test_others_may_reach_it_only_where_there_is_a_team(run, store):
    with pytest.raises(RecipeError, match="it has no team"):
        Desk(run, store, Address("0.0.0.0", 0))
    with pytest.raises(RecipeError, match="no such role"):
        Desk(run, store, Address(port=0), invited={"Ann": "boss"})
    assert store.events() == []
    desk = Desk(run, store, Address("0.0.0.0", 0, "https://desk.example.org"), invited={"Ann": "judge"})
    assert desk.links["Ann"].startswith("https://desk.example.org/enter?token=")
    assert members(store.events())["Ann"].role == "judge"


@pytest.mark.parametrize(
    ("host", "loopback"), [("127.0.0.1", True), ("::1", True), ("localhost", True), ("127.9.9.9", True), ("0.0.0.0", False), ("box", False)]
)
def test_this_machine_alone_is_known_by_its_names(host, loopback):
    assert Address(host).loopback == loopback


def test_links_are_addresses():
    assert Address("::1", 80).link("t") == "http://[::1]:80/enter?token=t"
    assert Address("0.0.0.0", 80, "https://x").link("t") == "https://x/enter?token=t"


def test_an_origin_is_a_scheme_and_a_host():
    assert Address(origin="https://Desk.Example.org/").link("t") == "https://desk.example.org/enter?token=t"
    for wrong in ("desk.example.org", "https://desk.example.org/desk", "https://ann@desk.example.org", "ftp://desk", "https://"):
        with pytest.raises(RecipeError, match="expected how people reach"):
            Address(origin=wrong)


def test_nobody_is_given_the_owners_name_or_one_that_is_cut(run, store):
    with pytest.raises(RecipeError, match="your own name"):
        Desk(run, store, Address(port=0), owner="Zoe", invited={"Zoe": "judge"})
    with pytest.raises(RecipeError, match="81 characters"):
        Desk(run, store, Address(port=0), invited={"x" * 81: "judge"})


def test_what_cannot_be_served_is_said(run, store, tmp_path):
    with pytest.raises(DataError, match="no selection to review"):
        Desk(tmp_path, store, Address(port=0))
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with pytest.raises(ThousandError, match="Address already in use"):
            Desk(run, store, Address(port=taken.getsockname()[1]))


def test_it_says_its_link_serves_and_ends_when_it_is_told_to(run):
    command = [sys.executable, "-m", "thousand.cli", "desk", str(run), "--port", "0", "--no-open", "--name", "Zoe"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as server:
        watchdog = threading.Timer(60, server.kill)
        watchdog.start()
        link = server.stdout.readline().strip()
        with urllib.request.urlopen(link, timeout=30) as answer:
            assert answer.status == 200
        server.send_signal(signal.SIGINT)
        _, told = server.communicate(timeout=30)
        watchdog.cancel()
    assert server.returncode == 0
    assert "What was decided is kept in sqlite" in told
    assert "Traceback" not in told
    assert link.split("token=")[1] not in told
