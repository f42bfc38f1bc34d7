"""Asking a model on a server: nothing is lost, nothing is asked twice, nothing is spent beyond the cap, and no secret is told."""

import asyncio
import gzip
import itertools
import json
import math
import os
import pickle
import shutil
import signal
import socket
import sqlite3
import ssl
import subprocess
import sys
import threading
import time
from datetime import date
from email.utils import formatdate

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.served import Says, Server, free_port, transformers_server
from thousand.endpoint import CapReached, Endpoint, Prices, enclose
from thousand.endpoint.asking import GIVE_UP_AFTER
from thousand.endpoint.kept import FILE
from thousand.errors import DataError, RecipeError, ThousandError

SECRET = "sk-test-0123456789abcdef"
PRICES = Prices(10_000, 100_000)  # 100 and 10 tokens, as the server says: 1 + 1 = 2
SETTINGS = {"temperature": 0, "max_tokens": 10}


def ask(*texts):
    return [[{"role": "user", "content": text}] for text in texts]


def numbered(count):
    return ask(*(f"question {i}" for i in range(count)))


def endpoint(server, folder, **changes):
    return Endpoint("m", server.url, folder, **{"settings": SETTINGS, "first_wait": 0.01, "timeout": 5.0} | changes)


def echo(said, before):
    return Says(f"{said}!")


def failures(folder):
    with sqlite3.connect(folder / FILE) as connection:
        return [reason for (reason,) in connection.execute("SELECT reason FROM failures ORDER BY rowid")]


# What is asked, and what comes back


def test_replies_stand_in_the_order_of_the_questions_whatever_comes_first(tmp_path):
    with Server(lambda said, before: Says(f"{said}!", after=0.1 if said.endswith("0") else 0.0)) as server:
        done = []
        replies = endpoint(server, tmp_path).ask(numbered(12), progress=done.append)
    assert [reply.text for reply in replies] == [f"question {i}!" for i in range(12)]
    assert {(reply.prompt_tokens, reply.completion_tokens, reply.stop, reply.cached) for reply in replies} == {(100, 10, "stop", False)}
    assert done == list(range(13))
    assert all(body["model"] == "m" and body["temperature"] == 0 and body["max_tokens"] == 10 for body in server.bodies)


def test_so_many_calls_at_once_and_no_more(tmp_path):
    with Server(lambda said, before: Says(after=0.03)) as server:
        endpoint(server, tmp_path, concurrency=5).ask(numbered(30))
    assert server.busiest == 5


def test_no_question_is_asked_twice_in_one_list_or_in_another(tmp_path):
    with Server(echo) as server:
        first = endpoint(server, tmp_path, prices=PRICES)
        once = first.ask(numbered(6) + numbered(6))
        again = endpoint(server, tmp_path, prices=PRICES)
        twice = again.ask(numbered(8)[::-1])
    assert sorted(server.asked) == sorted(f"question {i}" for i in range(8))
    assert [reply.text for reply in once] == [f"question {i}!" for i in range(6)] * 2
    assert [reply.cached for reply in twice] == [False] * 2 + [True] * 6
    assert {reply.cost for reply in once + twice} == {2.0}
    assert (first.tally.answered, first.tally.cached, first.tally.cost) == (6, 6, 12)
    assert (again.tally.answered, again.tally.cached, again.tally.cost) == (2, 6, 4)
    assert again.spent == 16


def test_another_model_setting_or_seed_is_another_question_and_another_address_is_not(tmp_path):
    with Server(echo) as server, Server(echo) as moved:
        for changed in ({}, {"settings": SETTINGS | {"top_p": 0.5}}):
            endpoint(server, tmp_path, **changed).ask(ask("a"))
        Endpoint("other", server.url, tmp_path, settings=SETTINGS).ask(ask("a"))
        endpoint(server, tmp_path).ask(ask("a", "a"), seeds=[1, 2])
        assert len(server.asked) == 5
        assert [body.get("seed") for body in server.bodies[:3]] == [None] * 3
        assert {body["seed"] for body in server.bodies[3:]} == {1, 2}  # asked at once, so in any order
        assert endpoint(moved, tmp_path).ask(ask("a"))[0].cached
        assert not moved.asked


def test_a_seed_of_the_settings_is_sent_and_those_of_the_questions_only_tell_samples_apart(tmp_path):
    with Server(echo) as server:
        for seed in (7, None):
            replies = endpoint(server, tmp_path, settings=SETTINGS | {"seed": seed}).ask(ask("a", "a"), seeds=[1, 2])
            assert len({reply.key for reply in replies}) == 2
    assert [body.get("seed", "none") for body in server.bodies] == [7, 7, "none", "none"]


def test_an_answer_without_text_is_paid_and_kept_and_says_so(tmp_path):
    with Server(lambda said, before: Says(None)) as server:
        first, second = (endpoint(server, tmp_path).ask(ask("a"))[0] for _ in range(2))
    assert (first.text, first.error) == (None, "the model gave no text (stop)")
    assert (second.error, second.cached, len(server.asked)) == (first.error, True, 1)


def test_text_that_cannot_be_written_is_mended_and_a_question_that_cannot_be_sent_is_refused(tmp_path):
    body = Says("x").bytes.replace(b'"x"}', b'"a\\ud800b\\u0000"}')
    with Server(lambda said, before: Says(body=body)) as server:
        assert endpoint(server, tmp_path).ask(ask("a"))[0].text == "a\ufffdb\x00"
        assert endpoint(server, tmp_path).ask(ask("a"))[0].text == "a\ufffdb\x00"
        assert endpoint(server, tmp_path).ask(ask("\ud800"))[0].error == "the question is not valid Unicode"
    assert len(server.asked) == 1


@pytest.mark.parametrize("usage", [None, "many", {}, {"prompt_tokens": -1, "completion_tokens": True}, {"prompt_tokens": 1e99}])
def test_tokens_that_a_server_does_not_count_are_unknown_and_so_is_the_cost(tmp_path, usage):
    with Server(lambda said, before: Says(usage=usage)) as server:
        one = endpoint(server, tmp_path, prices=PRICES)
        reply = one.ask(ask("a"))[0]
    assert (reply.text, reply.completion_tokens, reply.cost) == ("4", None, None)
    assert one.spent == PRICES.of(1 + 100, 10)  # at its worst


# Faults


FAULTS = {
    "busy": (Says("", 429, headers={"retry-after-ms": "30"}), "429 Too Many Requests"),
    "out of order": (Says("", 500, b"<html>\n oops</html>"), "500 Internal Server Error: <html> oops</html>"),
    "overloaded": (Says("", 503, b'{"error": {"message": "try later."}}'), "503 Service Unavailable: try later"),
    "slow": (Says(after=1.2), "no answer within 0.8 s"),
    "dripping": (Says(drips=True), "no answer within 0.8 s"),
    "dropped": (Says(drops=True), "the connection broke off"),
    "half": (Says(body=b'{"choices": [', headers={"content-length": "13"}), "the answer is not JSON"),
    "not JSON": (Says(body=b"\xff\xfe\x00"), "the answer is not JSON"),
    "too deep": (Says(body=b"[" * 200_000), "the answer is not JSON"),
    "no choices": (Says(body=b'{"choices": []}'), "the answer has no message"),
    "null": (Says(body=b"null"), "the answer has no message"),
    "odd choices": (Says(body=b'{"choices": [{"message": "hi"}]}'), "the answer has no message"),
    "an error that is none": (Says(body=b'{"error": {"message": "quota"}}'), "the server says: quota"),
    "compressed unasked": (Says(body=gzip.compress(Says().bytes, mtime=0), headers={"content-encoding": "gzip"}), "the answer is not JSON"),
    "no HTTP": (Says("", 99), "the connection broke off"),
}


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_that_passes_is_mended_and_counted(tmp_path, name):
    fault, reason = FAULTS[name]
    with Server(lambda said, before: fault if before == 0 else Says(f"{said}!")) as server:
        one = endpoint(server, tmp_path, timeout=0.8 if "within" in reason else 5.0)
        replies = one.ask(numbered(3))
    assert [reply.text for reply in replies] == [f"question {i}!" for i in range(3)]
    assert len(server.asked) == 6
    assert (one.tally.answered, one.tally.failed, one.tally.failures.total()) == (3, 0, 3)
    kept = failures(tmp_path)
    assert len(kept) == 3
    assert all(each.startswith(reason) for each in kept)


def test_a_fault_that_stays_is_a_reply_with_its_reason_and_the_next_run_asks_again(tmp_path):
    with Server(lambda said, before: Says("", 500) if said == "question 1" and before < 3 else echo(said, before)) as server:
        one = endpoint(server, tmp_path, retries=2)
        replies = one.ask(numbered(3))
        assert [reply.text for reply in replies] == ["question 0!", None, "question 2!"]
        assert replies[1].error.startswith("500 Internal Server Error")
        assert (one.tally.failed, one.tally.failures.total(), len(failures(tmp_path))) == (1, 3, 3)
        assert [reply.text for reply in one.ask(numbered(3))] == [f"question {i}!" for i in range(3)]
    assert server.asked.count("question 0") == 1


def test_a_question_that_is_refused_is_not_asked_again_and_the_others_are_answered(tmp_path):
    refused = Says("", 400, b'{"error": {"message": "too long"}}')
    with Server(lambda said, before: echo(said, before) if said in ("question 0", "question 59") else refused) as server:
        replies = endpoint(server, tmp_path, concurrency=1).ask(numbered(60))
    assert len(server.asked) == 60
    assert sum(reply.text is not None for reply in replies) == 2
    assert {reply.error for reply in replies[1:-1]} == {"400 Bad Request: too long"}


@pytest.mark.parametrize("form", ["seconds", "date"])
def test_all_calls_wait_as_long_as_the_server_asks(tmp_path, form):
    def says(said, before):
        if said != "question 0" or before:
            return Says()
        return Says("", 429, headers={"retry-after": "1" if form == "seconds" else formatdate(time.time() + 2, usegmt=True)})

    with Server(says) as server:
        endpoint(server, tmp_path, concurrency=1).ask(numbered(2))
    assert server.asked == ["question 0", "question 0", "question 1"]
    assert 0.9 < server.times[1] - server.times[0] < 6


def test_a_wait_beyond_patience_is_not_waited_for(tmp_path):
    with Server(lambda said, before: Says("", 429, headers={"retry-after": "3600"})) as server:
        assert endpoint(server, tmp_path).ask(ask("a"))[0].error.endswith("(asks to wait 3,600 s)")
    assert len(server.asked) == 1


def test_waits_grow_from_one_attempt_to_the_next(tmp_path):
    with Server(lambda said, before: Says("", 500)) as server:
        endpoint(server, tmp_path, first_wait=0.1, retries=3).ask(ask("a"))
    waits = [second - first for first, second in zip(server.times, server.times[1:], strict=False)]
    assert all(0.05 * 2**i <= wait < 0.1 * 2**i + 1 for i, wait in enumerate(waits))


def test_a_server_that_fails_for_everyone_stops_the_run_and_what_was_answered_stays(tmp_path):
    def says(said, before):
        if int(said.split()[1]) < 5:
            return echo(said, before)
        while len(server.answered) < 5:  # an answer that came late would begin the count anew
            time.sleep(0.001)
        return Says("", 500)

    with Server(says) as server:
        one = endpoint(server, tmp_path, retries=0, concurrency=2)
        with pytest.raises(ThousandError, match=rf"failed for {GIVE_UP_AFTER} questions in a row.*500 Internal Server Error") as raised:
            one.ask(numbered(500))
        assert "goes on" in str(raised.value)
        assert len(server.asked) <= 5 + GIVE_UP_AFTER + 4
        assert [reply.cached for reply in one.ask(numbered(5))] == [True] * 5


def test_nobody_at_the_address_stops_the_run(tmp_path):
    one = Endpoint("m", f"http://127.0.0.1:{free_port()}/v1", tmp_path, retries=0)
    with pytest.raises(ThousandError, match=r"in a row.*the connection failed"):
        one.ask(numbered(100))
    assert one.tally.failures.total() < 40


@pytest.mark.parametrize(("status", "remedy"), [(401, "THOUSAND_TEST_KEY"), (403, "THOUSAND_TEST_KEY"), (404, "model and base_url")])
def test_a_key_or_model_that_is_not_known_stops_the_run_at_once(tmp_path, monkeypatch, status, remedy):
    monkeypatch.setenv("THOUSAND_TEST_KEY", SECRET)
    with Server(lambda said, before: Says("", status, json.dumps({"error": {"message": f"bad {SECRET}"}}).encode())) as server:
        with pytest.raises(RecipeError, match=str(status)) as raised:
            endpoint(server, tmp_path, key="THOUSAND_TEST_KEY", concurrency=2).ask(numbered(100))
        assert len(server.asked) <= 4
    assert remedy in str(raised.value)
    assert SECRET not in str(raised.value)


def test_one_question_that_is_forbidden_does_not_stop_the_others(tmp_path):
    with Server(lambda said, before: Says("", 403) if said == "question 3" else echo(said, before)) as server:
        replies = endpoint(server, tmp_path, concurrency=1).ask(numbered(6))
    assert [reply.text is None for reply in replies] == [False, False, False, True, False, False]


# Connections


def test_a_server_may_close_a_connection_that_rests(tmp_path):
    """It says 429 and hangs up; the next attempt takes a new connection and does not stumble over the old."""
    busy = b"HTTP/1.1 429 Too Many Requests\r\nretry-after-ms: 200\r\ncontent-length: 0\r\n\r\n"
    body = Says("4").bytes
    says = [busy, b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n%x\r\n%b\r\n0\r\n\r\n" % (len(body), body)]
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def serve():
            for reply in says:
                with listening.accept()[0] as connection:
                    connection.recv(65536)
                    connection.sendall(reply)

        threading.Thread(target=serve, daemon=True).start()
        one = Endpoint("m", f"http://127.0.0.1:{listening.getsockname()[1]}/v1", tmp_path)
        assert one.ask(ask("a"))[0].text == "4"
    assert list(one.tally.failures) == ["429 Too Many Requests"]


def test_a_server_is_believed_by_its_certificate(tmp_path, monkeypatch):
    key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
    if shutil.which("openssl") is None:
        pytest.skip("there is no openssl to make a certificate with")
    command = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"]
    names = ["-subj", "/CN=localhost", "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", str(key), "-out", str(certificate)]
    subprocess.run([*command, *names], check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    with Server(lambda said, before: Says(said * 20_000)) as server:
        server._http.socket = context.wrap_socket(server._http.socket, server_side=True)
        url = server.url.replace("http:", "https:")
        stranger = Endpoint("m", url, tmp_path, retries=0).ask(ask("a"))[0]
        assert "certificate verify failed" in stranger.error
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
        replies = Endpoint("m", url, tmp_path, concurrency=3).ask(numbered(9))
    assert [reply.text for reply in replies] == [f"question {i}" * 20_000 for i in range(9)]


def test_a_proxy_that_the_environment_names_is_asked_instead(tmp_path, monkeypatch):
    with Server(echo) as proxy:
        monkeypatch.setenv("http_proxy", proxy.url.replace("127", "me:hidden-word@127").removesuffix("/v1"))
        monkeypatch.setenv("https_proxy", proxy.url)
        assert Endpoint("m", "http://model.invalid/v1", tmp_path).ask(ask("a"))[0].text == "a!"
        assert proxy.headers[0]["host"] == "model.invalid"
        assert proxy.headers[0]["proxy-authorization"] == "Basic bWU6aGlkZGVuLXdvcmQ="
        refused = Endpoint("m", "https://model.invalid/v1", tmp_path, retries=0).ask(ask("b"))[0]  # it knows no CONNECT
        assert refused.error.startswith("the connection failed: 501")
        monkeypatch.setenv("no_proxy", "model.invalid")
        unreached = Endpoint("m", "http://model.invalid/v1", tmp_path, retries=0).ask(ask("c"))[0]
        assert unreached.error.startswith("the connection failed")
        assert len(proxy.asked) == 1


# Money


@pytest.mark.parametrize("concurrency", [1, 4])
def test_the_cap_is_never_passed_and_more_money_goes_on_from_there(tmp_path, concurrency):
    with Server(lambda said, before: Says(after=0.01)) as server:  # 2 each, and 2.1 at the worst
        with pytest.raises(CapReached, match=r"20 USD are spent.*cap of 21 USD") as raised:
            endpoint(server, tmp_path, prices=PRICES, cap=21, concurrency=concurrency).ask(numbered(30))
        assert len(server.asked) == 10
        assert "Raise the cap" in str(raised.value)
        with pytest.raises(CapReached):  # not once more for every attempt
            endpoint(server, tmp_path, prices=PRICES, cap=21).ask(numbered(30))
        assert len(server.asked) == 10
        more = endpoint(server, tmp_path, prices=PRICES, cap=100)
        assert sum(reply.cached for reply in more.ask(numbered(30))) == 10
        assert (more.spent, len(server.asked)) == (60, 30)


def test_a_call_that_broke_off_may_have_been_charged_and_counts_at_its_worst(tmp_path):
    with Server(lambda said, before: Says(drops=True)) as server:
        one = endpoint(server, tmp_path, prices=PRICES, cap=10)
        with pytest.raises(CapReached):
            one.ask(numbered(10))
        assert one.spent <= 10
        assert len(server.asked) <= 4  # of 2.1 each


def test_a_refused_call_costs_nothing(tmp_path):
    with Server(lambda said, before: Says("", 429) if before < 3 else Says()) as server:
        one = endpoint(server, tmp_path, prices=PRICES, cap=2.5)
        one.ask(ask("a"))
    assert (one.spent, len(server.asked)) == (2, 4)


def test_a_sample_says_what_all_will_cost_and_is_not_paid_again(tmp_path):
    def says(said, before):
        return Says(usage={"prompt_tokens": 20 + len(said), "completion_tokens": 3})

    questions = ask(*("word " * (i % 7 + 1) + str(i) for i in range(200)))
    with Server(says) as server:
        one = endpoint(server, tmp_path, prices=Prices(1, 10, "EUR"), concurrency=20)
        one.ask(questions[:20])
        preview = one.preview(questions, sample=40)
        assert len(server.asked) == 60
        assert (preview.questions, preview.answered, preview.sample) == (200, 20, 40)
        other = endpoint(server, tmp_path / "other", prices=Prices(1, 10), concurrency=20)
        other.preview(questions[::-1], sample=10)
        chosen = server.asked[60:]
        endpoint(server, tmp_path / "third").preview(questions, sample=10)
        assert sorted(server.asked[70:]) == sorted(chosen)
        before = one.spent
        one.ask(questions)
    assert preview.completion_tokens == 540
    assert preview.cost == pytest.approx(one.spent - before + 40 * preview.cost / 180, rel=0.1)
    assert preview.cost < preview.at_most < 10 * preview.cost
    done = one.preview(questions)
    assert (done.answered, done.sample, done.cost, done.at_most, done.seconds) == (200, 0, 0, 0, 0)


def test_a_sample_without_an_answer_says_why(tmp_path):
    with Server(lambda said, before: Says("", 400, b"no")) as server:
        preview = endpoint(server, tmp_path, prices=PRICES).preview(numbered(5), sample=2)
    assert (preview.cost, preview.error) == (None, "400 Bad Request: no")


# Secrets, and what is refused before anything is sent


def test_the_key_goes_to_the_server_and_nowhere_else(tmp_path, monkeypatch):
    monkeypatch.setenv("THOUSAND_TEST_KEY", f"{SECRET}\n")  # as a file exported into the environment ends
    monkeypatch.setenv("OPENAI_API_KEY", "sk-of-somebody-else")
    monkeypatch.setenv("OPENAI_CUSTOM_HEADERS", "Authorization: Bearer sk-of-somebody-else")

    def says(said, before):
        return Says("", 500, f"you sent {SECRET}".encode()) if before == 0 else Says(f"the key is {SECRET}")

    with Server(says) as server:
        one = endpoint(server, tmp_path, key="THOUSAND_TEST_KEY")
        reply = one.ask(ask("a"))[0]
        endpoint(server, tmp_path / "without").ask(ask("b"))
    assert [headers.get("authorization") for headers in server.headers] == [f"Bearer {SECRET}"] * 2 + [None] * 2
    assert reply.text == "the key is [key]"
    assert failures(tmp_path)[0] == "500 Internal Server Error: you sent [key]"
    told = [file.read_bytes() for file in tmp_path.iterdir() if file.is_file()] + [pickle.dumps(one), repr(one).encode()]
    assert not any(SECRET.encode() in each for each in told)


def test_where_the_server_redirects_to_is_not_asked(tmp_path):
    with Server(echo) as elsewhere:
        with Server(lambda said, before: Says("", 307, headers={"location": f"{elsewhere.url}/chat/completions"})) as server:
            assert endpoint(server, tmp_path).ask(ask("a"))[0].error.startswith("307")
        assert not elsewhere.asked


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"base_url": "localhost:8000"}, "http://"),
        ({"base_url": "file:///etc/passwd"}, "http://"),
        ({"base_url": "http://[::1"}, "http://"),
        ({"base_url": "http://me:hidden-word@host/v1"}, "passwords"),
        ({"base_url": "http://host/v1?key=hidden-word"}, "queries"),
        ({"key": "sk-hidden-word"}, "must name an environment variable"),
        ({"key": "THOUSAND_NO_SUCH_KEY"}, "not set"),
        ({"key": "THOUSAND_BAD_KEY"}, "is no key"),
        ({"settings": {"n": 2}}, "n cannot be set"),
        ({"cap": 1.0}, "prices"),
        ({"cap": 1.0, "prices": PRICES}, "max_tokens"),
        *(({"cap": 1.0, "prices": PRICES, "settings": {"max_tokens": each}}, "max_tokens") for each in (-1, 0, True, 2.5, None)),
        *(({"cap": each, "prices": PRICES, "settings": SETTINGS}, "cap: it is a number") for each in (math.nan, math.inf, -1.0)),
        *(({"prices": Prices(*each)}, "a price is a number") for each in ((math.nan, 1), (1, math.nan), (math.inf, 1))),
        ({"settings": {"since": date(2024, 5, 1)}}, r"settings: since: it cannot be sent as JSON.*\s.*put a date in quotes"),
        ({"settings": {"top_p": math.nan}}, "settings: top_p: it cannot be sent as JSON"),
        ({"prices": Prices(-1, 1)}, "0 or more"),
        ({"concurrency": 0}, "concurrency"),
        ({"timeout": 0}, "timeout"),
    ],
)
def test_what_cannot_be_is_refused_before_anything_is_sent(tmp_path, monkeypatch, changes, message):
    monkeypatch.setenv("THOUSAND_BAD_KEY", "two words hidden-word")
    with pytest.raises(RecipeError, match=message) as raised:
        Endpoint(**{"model": "m", "base_url": "http://127.0.0.1:1/v1", "folder": tmp_path} | changes)
    assert "hidden-word" not in str(raised.value)


def test_a_file_that_holds_no_answers_is_named(tmp_path):
    (tmp_path / FILE).write_text("not a database, and longer than the header of one\n" * 100)
    with Server(echo) as server, pytest.raises(DataError, match=FILE):
        endpoint(server, tmp_path).ask(ask("a"))
    assert not server.asked


def test_it_works_inside_a_running_event_loop(tmp_path):
    async def notebook():
        return endpoint(server, tmp_path).ask(ask("a"))

    with Server(echo) as server:
        assert asyncio.run(notebook())[0].text == "a!"


# Killed


PROGRAM = """
import sys
from pathlib import Path
from thousand.endpoint import Endpoint
questions = [[{"role": "user", "content": f"question {i}"}] for i in range(40)]
one = Endpoint("m", sys.argv[1], Path(sys.argv[2]), settings={"max_tokens": 10}, concurrency=4)
print(*(reply.text for reply in one.ask(questions)), sep="\\n")
"""


def test_killed_in_the_middle_the_same_command_asks_only_what_was_not_answered(tmp_path):
    held, calls = True, itertools.count()

    def says(said, before):
        if next(calls) >= 12:
            while held:  # then nothing comes back until the kill
                time.sleep(0.01)
        return Says(f"{said}!")

    def stored():
        if not (tmp_path / FILE).exists():
            return 0
        with sqlite3.connect(tmp_path / FILE, timeout=5) as connection:
            try:
                return connection.execute("SELECT count(*) FROM answers").fetchone()[0]
            except sqlite3.OperationalError:  # the table is not there yet
                return 0

    command = [sys.executable, "-c", PROGRAM]
    with Server(says) as server:
        first = subprocess.Popen([*command, server.url, str(tmp_path)], stdout=subprocess.PIPE)
        until = time.monotonic() + 60
        while stored() < 12 and time.monotonic() < until:
            time.sleep(0.02)
        os.kill(first.pid, signal.SIGKILL)
        assert first.communicate()[0] == b""
        before = dict(server.answered)
        assert len(before) == 12
        held = False
        time.sleep(0.1)  # what the first run asked last is answered into the void
        server.answered.clear()
        asked = len(server.asked)
        second = subprocess.run([*command, server.url, str(tmp_path)], capture_output=True, text=True, check=True, timeout=60)
        assert second.stdout.split("\n")[:-1] == [f"question {i}!" for i in range(40)]
        assert not set(server.asked[asked:]) & set(before)
        assert len(server.asked) - asked == 40 - len(before)


CAPPED = """
import signal
import sys
signal.signal(signal.SIGINT, signal.default_int_handler)  # started by a shell in the background it would not be heard
from pathlib import Path
from thousand.endpoint import Endpoint, Prices
questions = [[{"role": "user", "content": f"question {i}"}] for i in range(40)]
options = {"settings": {"max_tokens": 10}, "prices": Prices(10_000, 100_000), "cap": 40, "concurrency": 8, "first_wait": 0.01}
Endpoint("m", sys.argv[1], Path(sys.argv[2]), **options).ask(questions)
"""


@pytest.mark.parametrize("end", [signal.SIGKILL, signal.SIGINT])
def test_the_cap_holds_over_kills_though_the_server_charges_for_what_was_under_way(tmp_path, end):
    """It charges 2 for each call that comes, whoever waits for the answer."""
    held = True

    def says(said, before):
        while held:
            time.sleep(0.01)
        return Says(said)

    with Server(says) as server:
        for _ in range(2):
            before = len(server.asked)
            run = subprocess.Popen([sys.executable, "-c", CAPPED, server.url, str(tmp_path)], stderr=subprocess.DEVNULL)
            until = time.monotonic() + 60
            while len(server.asked) < before + 8 and time.monotonic() < until:
                time.sleep(0.01)
            run.send_signal(end)
            assert run.wait(30) != 0
        held = False
        last = subprocess.run([sys.executable, "-c", CAPPED, server.url, str(tmp_path)], capture_output=True, text=True, timeout=60)
    assert "CapReached" in last.stderr
    assert 16 < len(server.asked) <= 20
    one = endpoint(server, tmp_path, prices=PRICES)
    assert 2 * len(server.asked) <= one.spent <= 40
    assert failures(tmp_path) == ["it was under way when the run ended"] * 16


def test_what_ended_leaves_no_call_under_way(tmp_path):
    with Server(lambda said, before: Says("", 400) if said == "question 3" else Says(said)) as server:
        one = endpoint(server, tmp_path, prices=PRICES, retries=0)
        one.ask(numbered(6))
    assert one.spent == 10
    assert len(failures(tmp_path)) == 1


# Texts as data


@given(st.lists(st.text(alphabet="0123456789abcdef[] \nbegindrpos", max_size=40), min_size=1, max_size=3), st.sampled_from([1, 2, 12]))
def test_no_text_can_close_its_own_enclosure(texts, digits):
    named = {f"part {i}": text for i, text in enumerate(texts)}
    whole, code = enclose(named, digits=digits)
    assert len(code) >= digits
    assert not any(code in text for text in texts)
    assert whole == "\n\n".join(f"[begin {name} {code}]\n{text}\n[end {name} {code}]" for name, text in named.items())
    assert enclose(named, digits=digits) == (whole, code)


# The server that transformers ships


def test_the_server_of_transformers_answers_the_same_whatever_the_concurrency(tmp_path):
    url, model = transformers_server()
    questions = ask(*(f"What is the building stuff of {name}?" for name in ("Dunsarel", "Orvale", "Tessin", "Marrow")))
    prices = Prices(1, 2)
    one = Endpoint(model, url, tmp_path / "one", settings=SETTINGS, prices=prices, concurrency=1)
    replies = one.ask(questions)
    several = Endpoint(model, url, tmp_path / "several", settings=SETTINGS, prices=prices, concurrency=4).ask(questions[::-1])
    assert [reply.text for reply in replies] == [reply.text for reply in several[::-1]]
    assert all(reply.text and reply.error is None and reply.stop in ("stop", "length") for reply in replies)
    assert all(reply.prompt_tokens > 5 and 1 <= reply.completion_tokens <= 10 and reply.seconds > 0 for reply in replies)
    assert one.tally.cost == pytest.approx(sum((reply.prompt_tokens + 2 * reply.completion_tokens) / 1e6 for reply in replies))
    assert all(reply.cached for reply in one.ask(questions))


def test_a_model_that_the_server_of_transformers_does_not_serve_stops_the_run(tmp_path):
    url, _ = transformers_server()
    with pytest.raises(ThousandError, match=r"in a row.*400 Bad Request: Server is pinned"):
        Endpoint("another", url, tmp_path, retries=0).ask(numbered(30))
