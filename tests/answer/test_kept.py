"""An interrupted answering goes on from where it stopped, and gives the table it would have given."""

from __future__ import annotations

import signal
import subprocess
import sys
import time

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.answer.test_answer import prompts
from tests.small import SHIPPED, chat, shipped
from thousand import tables
from thousand.answer import answer, clear
from thousand.answer.kept import FILE, Kept
from thousand.answer.kinds import Ask, Said
from thousand.recipe import Answer

SLOW = Answer(repetition_penalty=1.1, max_tokens=60, samples=2, batch=4)
WORK = """
import sys
from pathlib import Path
from thousand import tables
from thousand.answer import answer
from thousand.recipe import Answer
model, prompts, settings, kept = sys.argv[1:]
answer(model, tables.read(Path(prompts)), Answer.model_validate_json(settings), seed=3, kept=Path(kept))
"""


def without_times(table):
    return table.drop_columns("seconds")


def test_after_a_kill_the_rest_is_answered_and_the_table_is_the_same(tmp_path):
    kept, asked = tmp_path / "kept", tmp_path / "prompts.parquet"
    tables.write(asked, prompts(12))
    worker = subprocess.Popen([sys.executable, "-c", WORK, SHIPPED, asked, SLOW.model_dump_json(), kept])
    until = time.monotonic() + 120
    while not (kept / FILE).exists() or (kept / FILE).read_bytes().count(b"\n") < 8:
        assert time.monotonic() < until and worker.poll() is None
        time.sleep(0.002)
    worker.send_signal(signal.SIGKILL)
    worker.wait()
    done = (kept / FILE).read_bytes().count(b"\n")
    with (kept / FILE).open("a") as stream:
        stream.write('["half a line')
    told: list[int] = []
    table = answer(shipped(), prompts(12), SLOW, seed=3)
    again = answer(SHIPPED, prompts(12), SLOW, seed=3, kept=kept, progress=told.append)
    assert without_times(again).equals(without_times(table))
    assert 8 <= done < 24
    assert told[0] == done  # what was kept counts as done at once
    assert (kept / FILE).read_bytes().count(b"\n") == 24
    clear(kept)
    assert not kept.exists()


def test_what_is_kept_serves_the_same_model_and_settings_alone(tmp_path):
    first = answer(shipped(), prompts(2), SLOW, kept=tmp_path)
    lines = (tmp_path / FILE).read_bytes().count(b"\n")
    assert lines == 4
    assert answer(shipped(), prompts(2), SLOW, kept=tmp_path).equals(first)  # times too: nothing was asked
    answer(shipped(), prompts(2), SLOW.model_copy(update={"batch": 1, "samples": 1}), kept=tmp_path)
    assert (tmp_path / FILE).read_bytes().count(b"\n") == lines
    answer(shipped(), prompts(2), SLOW.model_copy(update={"top_p": 0.5}), kept=tmp_path)
    answer(shipped(), prompts(2), SLOW, seed=1, kept=tmp_path)
    assert (tmp_path / FILE).read_bytes().count(b"\n") == 3 * lines


def test_a_model_trained_anew_in_the_same_place_is_asked_anew(tmp_path):
    folder, ask = tmp_path / "model", Ask(chat("a"), "0")
    folder.mkdir()
    (folder / "model.safetensors").write_bytes(b"x")
    Kept(tmp_path, folder, SLOW).add([(ask, Said("hello", "limit", 1))])
    assert Kept(tmp_path, folder, SLOW).find(ask) == Said("hello", "limit", 1)
    (folder / "model.safetensors").write_bytes(b"y")
    assert Kept(tmp_path, folder, SLOW).find(ask) is None


def test_errors_are_not_kept(tmp_path):
    Kept(tmp_path, SHIPPED, SLOW).add([(Ask(chat("a"), "0"), Said(None, "error", reason="no memory"))])
    assert (tmp_path / FILE).read_bytes() == b""


def test_clearing_leaves_what_a_server_was_paid_for(tmp_path):
    for name in (FILE, "answers.sqlite"):
        (tmp_path / name).touch()
    clear(tmp_path)
    assert [each.name for each in tmp_path.iterdir()] == ["answers.sqlite"]
    clear(tmp_path / "nowhere")


@given(st.lists(st.text(max_size=20), min_size=1, max_size=5), st.data())
@settings(deadline=None, max_examples=40)
def test_a_file_cut_anywhere_loses_no_whole_answer_and_can_be_added_to(tmp_path_factory, texts, data):
    folder = tmp_path_factory.mktemp("kept")
    asks = [Ask(chat("a"), str(i)) for i in range(len(texts) + 1)]
    said = [Said(text, "limit", 3, 0.5, False) for text in [*texts, "later"]]
    Kept(folder, SHIPPED, SLOW).add(zip(asks[:-1], said[:-1], strict=True))
    whole = (folder / FILE).read_bytes()
    end = data.draw(st.integers(0, len(whole)))
    (folder / FILE).write_bytes(whole[:end])
    Kept(folder, SHIPPED, SLOW).add([(asks[-1], said[-1])])
    kept = Kept(folder, SHIPPED, SLOW)
    left = whole[:end].count(b"\n")
    assert [kept.find(ask) for ask in asks] == [*said[:left], *[None] * (len(texts) - left), said[-1]]
