"""A conversation in the terminal: what is streamed is what `generate` says, and nothing in it commands the terminal."""

from __future__ import annotations

import io
import json
import sys
import unicodedata
from pathlib import Path

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from tests.small import SHIPPED, STORIES, byte_tokenizer, random_network, shipped
from thousand.chat import talk, visible
from thousand.conversation import read
from thousand.errors import DataError
from thousand.model import Model, generate, load, prepare
from thousand.model.chat import as_prompt
from thousand.recipe import Answer

SHORT = Answer(max_tokens=24, repetition_penalty=1.0)
LINES = ["Who rules Orva?", "And what is the call of the taldalor?", "Why?"]


class Pieces(io.StringIO):
    """Remembers in which pieces it was written."""

    def __init__(self) -> None:
        super().__init__()
        self.pieces: list[str] = []

    def write(self, text: str) -> int:
        self.pieces.append(text)
        return super().write(text)


def said(model, *lines, **options):
    """What a script gets, and what is said beside it."""
    out, notices = io.StringIO(), io.StringIO()
    talk(model, options.pop("settings", SHORT), lines=lines, out=out, notices=notices, **options)
    return out.getvalue(), notices.getvalue()


def turns(model, *lines, **options):
    return [json.loads(line) for line in said(model, *lines, as_json=True, **options)[0].splitlines()]


def ready() -> Model:
    model = load(SHIPPED)
    prepare(model)
    return model


@pytest.fixture(scope="module")
def talker():
    return ready()


@pytest.fixture(scope="module")
def stories():
    if not STORIES.is_dir():
        pytest.skip("the stories model of the shared data is not here")
    return load(STORIES)


def answers(model, *lines, seed=0, answer=SHORT):
    """The conversation turn by turn, by `generate`."""
    messages, found = [], []
    for number, line in enumerate(lines, 1):
        messages.append({"role": "user", "content": line})
        [each] = generate(
            model,
            [as_prompt(model, messages, answer.plain)],
            max_tokens=answer.max_tokens,
            seeds=[f"{seed}/{number}"],
            temperature=answer.temperature,
            top_p=answer.top_p,
            repetition_penalty=answer.repetition_penalty,
        )
        messages.append({"role": "assistant", "content": each.text})
        found.append(each)
    return found


@pytest.mark.parametrize("answer", [SHORT, Answer(max_tokens=24), Answer(max_tokens=24, temperature=0)])
def test_what_is_streamed_is_what_generate_says_with_the_same_seed_turn_after_turn(talker, stories, answer):
    for model in (talker, shipped(), stories):
        out, _ = said(model, *LINES, seed=3, settings=answer)
        expected = answers(model, *LINES, seed=3, answer=answer)
        assert out == "".join(each.text + "\n\n" for each in expected)
        told = turns(model, *LINES, seed=3, settings=answer)
        assert [(each["answer"], each["tokens"], each["stop"]) for each in told] == [(e.text, e.tokens, e.stop) for e in expected]


def test_the_seed_decides():
    assert said(shipped(), *LINES, seed=1) == said(shipped(), *LINES, seed=1) != said(shipped(), *LINES, seed=2)


def test_an_answer_comes_in_pieces(stories):
    out = Pieces()
    talk(stories, SHORT, lines=["Once upon a time"], out=out, notices=io.StringIO())
    assert len(out.pieces) > 12


def test_json_is_one_object_for_each_turn_and_nothing_else(talker):
    first, second = turns(talker, "Who rules Orva?\n", "\n", "  Why?  \n")
    assert list(first) == ["turn", "question", "answer", "stop", "tokens", "seconds", "left_out", "cut"]
    assert [(each["turn"], each["question"], each["left_out"], each["cut"]) for each in (first, second)] == [
        (1, "Who rules Orva?", 0, False),
        (2, "Why?", 0, False),
    ]
    assert first["seconds"] > 0


def test_a_base_is_asked_in_the_plain_form_and_that_is_said(talker):
    assert "no chat template: it is asked in the plain form 'Question: {prompt} Answer:'" in said(shipped(), "Who?")[1]
    assert "plain form" not in said(talker, "Who?")[1]


def test_an_answer_that_reaches_the_limit_says_so(talker):
    out, notices = said(talker, "Who rules Orva?", settings=SHORT.model_copy(update={"max_tokens": 2}))
    assert out
    assert "The answer reached the limit of 2 tokens; the model had not ended it." in notices


def test_a_limit_beyond_the_context_is_lowered_and_that_is_said(talker):
    notices = said(talker, settings=Answer())[1]  # LIMA's 2,048 tokens, in a context of 512
    assert notices == "An answer has at most 256 tokens here: half of the context of 512.\n"


def test_what_no_longer_fits_is_left_out_by_whole_turns_but_for_the_system_text(talker):
    long = "Tell me of the home of the taldalor. " * 6
    settings = SHORT.model_copy(update={"max_tokens": 200})
    lines = ["/system Be brief.", *[long] * 6]
    told = turns(talker, *lines, settings=settings)
    assert [each["left_out"] for each in told][:2] == [0, 0]
    assert told[-1]["left_out"] >= 2
    assert all(each["left_out"] % 2 == 0 and not each["cut"] for each in told)
    notices = said(talker, *lines, settings=settings)[1]
    assert f"the model was not shown its first {told[-1]['left_out']} messages." in notices
    kept = [{"role": role, "content": each[key]} for each in told for role, key in (("user", "question"), ("assistant", "answer"))]
    seen = [{"role": "system", "content": "Be brief."}, *kept[told[-1]["left_out"] : -1]]
    [expected] = generate(talker, [as_prompt(talker, seen, "")], max_tokens=200, seeds=["0/6"], temperature=0.7, top_p=0.9)
    assert told[-1]["answer"] == expected.text


def test_a_question_longer_than_the_context_loses_its_start_and_that_is_said(talker):
    lines = ["Who?", "word " * 600]
    assert [(each["left_out"], each["cut"]) for each in turns(talker, *lines)] == [(0, False), (2, True)]
    assert "The question alone is longer than the context has room for" in said(talker, *lines)[1]


def test_reset_forgets_and_a_system_text_stays_until_it_is_taken_back(talker):
    once = turns(talker, "/system Be brief.", "Who rules Orva?")
    again = turns(talker, "/system Be brief.", "Why?", "/reset", "Who rules Orva?")
    without = turns(talker, "/system Be brief.", "/system", "Who rules Orva?")
    assert again[1]["turn"] == 1
    assert again[1]["answer"] == once[0]["answer"]
    assert without[0]["answer"] == turns(talker, "Who rules Orva?")[0]["answer"] != once[0]["answer"]


def test_quit_leaves_and_nothing_after_it_is_asked(talker):
    assert len(turns(talker, "Who?", "/quit", "Why?")) == 1


def test_help_names_every_command(talker):
    notices = said(talker, "/help")[1]
    assert [line.split()[0] for line in notices.splitlines()] == ["/system", "/reset", "/save", "/help", "/quit"]


def test_a_saved_conversation_is_a_row_that_can_be_read(talker, tmp_path):
    path = tmp_path / "said.jsonl"
    said(talker, "/system Be brief.", *LINES[:2], f"/save {path}", "/reset", LINES[2], f"/save {path}")
    first, second = (json.loads(line) for line in path.read_text(encoding="utf-8").splitlines())
    assert [each["role"] for each in read(first)] == ["system", "user", "assistant", "user", "assistant"]
    assert [each["content"] for each in read(second)] == ["Be brief.", LINES[2], turns(talker, "/system Be brief.", LINES[2])[0]["answer"]]


def test_what_cannot_be_done_stops_a_script(talker, tmp_path):
    gemma = ready()
    gemma.tokenizer.chat_template = "{% if messages[0]['role'] == 'system' %}{{ raise_exception('No system') }}{% endif %}x"
    for model, lines, why in (
        (talker, ["/sytsem x"], r"no command /sytsem\.\s+/help lists them\. What begins with a slash for the model needs a space first"),
        (talker, ["/save"], "Save to which file"),
        (talker, [f"/save {tmp_path}/x"], "nothing to save yet"),
        (talker, ["Who?", f"/save {tmp_path}"], "cannot be written: Is a directory"),
        (gemma, ["/system Be brief.", "Who?"], r"chat template refuses this: No system\.\s+.*/system takes it back"),
    ):
        with pytest.raises(DataError, match=why):
            said(model, *lines)
    assert turns(talker, " /etc is what?")[0]["question"] == "/etc is what?"


class Terminal(io.StringIO):
    """Lines that somebody types; at the end Ctrl-D, or Ctrl-C."""

    def __init__(self, *lines: str, interrupted: bool = False) -> None:
        super().__init__("".join(line + "\n" for line in lines))
        self.interrupted = interrupted

    def readline(self, *sizes: int) -> str:
        line = super().readline(*sizes)
        if not line and self.interrupted:
            raise KeyboardInterrupt
        return line


@pytest.mark.parametrize("interrupted", [False, True])
def test_a_person_is_told_what_cannot_be_done_and_leaves_by_either_key(talker, monkeypatch, interrupted):
    monkeypatch.setattr(sys, "stdin", Terminal("/sytsem", "Who rules Orva?", interrupted=interrupted))
    out, notices = io.StringIO(), io.StringIO()
    talk(talker, SHORT, out=out, notices=notices)
    assert out.getvalue() == answers(talker, "Who rules Orva?")[0].text + "\n\n"
    assert notices.getvalue().startswith("/help lists the commands.\nThere is no command /sytsem.")


class Impatient(io.StringIO):
    """Presses Ctrl-C at some piece of the first answer."""

    def __init__(self, after: int) -> None:
        super().__init__()
        self.after = after

    def write(self, text: str) -> int:
        self.after -= 1
        if self.after == 0:
            raise KeyboardInterrupt
        return super().write(text)


def test_ctrl_c_silences_the_model_for_a_person_and_ends_a_script(stories, monkeypatch):
    monkeypatch.setattr(sys, "stdin", Terminal("Once", "Twice", "/quit"))
    out, notices = Impatient(3), io.StringIO()
    talk(stories, SHORT, out=out, notices=notices)
    first, second = out.getvalue().split("\n\n", 1)
    assert answers(stories, "Once")[0].text.startswith(first)
    assert len(first) < len(answers(stories, "Once")[0].text)
    assert "Interrupted. What was said so far is remembered." in notices.getvalue()
    assert len(second) > 20
    with pytest.raises(KeyboardInterrupt):
        talk(stories, SHORT, lines=["Once", "Twice"], out=Impatient(3), notices=io.StringIO())


def test_a_question_that_was_interrupted_before_any_answer_was_not_asked(stories, monkeypatch, tmp_path):
    monkeypatch.setattr(sys, "stdin", Terminal("Once", "Twice", f"/save {tmp_path}/said.jsonl"))
    talk(stories, SHORT, out=Impatient(1), notices=io.StringIO())
    [row] = (tmp_path / "said.jsonl").read_text(encoding="utf-8").splitlines()
    assert [each["content"] for each in json.loads(row)["messages"]] == ["Twice", answers(stories, "Twice")[0].text]


HOSTILE = "\x1b]0;title\x07 \x1b[2J \x9b31m \r \u202eevil\u202c \x7f"


def test_a_terminal_is_shown_what_it_would_obey():
    assert visible(HOSTILE) == r"\x1b]0;title\x07 \x1b[2J \x9b31m \r \u202eevil\u202c \x7f"


@given(st.text())
def test_no_control_character_reaches_a_terminal_and_every_other_does(text):
    shown = visible(text)
    assert not [each for each in shown if unicodedata.category(each) in ("Cc", "Cs") and each not in "\n\t"]
    assert visible(shown) == shown
    harmless = "".join(each for each in text if each.isprintable() or each in "\n\t")
    assert visible(harmless) == harmless


def test_what_a_model_says_does_not_reach_the_terminal_raw():
    """A model whose first word is the start of an escape sequence."""
    tokenizer = byte_tokenizer("<|endoftext|>", "<|pad|>")
    tokenizer.pad_token = "<|pad|>"
    network = random_network(vocabulary=len(tokenizer), tie_word_embeddings=False)
    model = Model(Path("small"), network, tokenizer)
    ids = tokenizer(as_prompt(model, [{"role": "user", "content": "x"}], SHORT.plain), return_tensors="pt")["input_ids"]
    with torch.no_grad():
        network.lm_head.weight[tokenizer("\x1b")["input_ids"][0]] = 9 * network.model(input_ids=ids).last_hidden_state[0, -1]
    greedy = Answer(max_tokens=1, temperature=0)
    assert said(model, "x", settings=greedy)[0] == "\\x1b\n\n"
    raw, _ = said(model, "x", settings=greedy, as_json=True)
    assert "\x1b" not in raw
    assert json.loads(raw)["answer"] == "\x1b"
