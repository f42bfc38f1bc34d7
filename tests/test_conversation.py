"""Rows of every form become the same conversations, and what is not one is refused with its field."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from thousand.conversation import FORMS, MalformedRow, check, content_id, prompt_of, read, recognise, response_of

spoken = st.text(st.characters(codec="utf-8", exclude_characters="\x00"), min_size=1).filter(str.strip)
exchanges = st.lists(st.tuples(spoken, spoken), min_size=1, max_size=4)


def turns(pairs):
    return [{"role": role, "content": text} for pair in pairs for role, text in zip(("user", "assistant"), pair, strict=True)]


@given(exchanges)
def test_every_form_of_a_conversation_is_read_as_that_conversation(pairs):
    messages = turns(pairs)
    flat = [text for pair in pairs for text in pair]
    names = {"user": "human", "assistant": "gpt"}
    rows = [
        {"messages": messages},
        {"conversations": [{"from": names[m["role"]], "value": m["content"]} for m in messages]},
        {"conversations": messages},
        {"conversations": flat},
        {"instruction": pairs[-1][0], "output": pairs[-1][1], "history": [list(pair) for pair in pairs[:-1]]},
    ]
    assert all(read(row) == messages for row in rows)


@given(spoken, spoken)
def test_every_form_of_a_single_exchange_is_read_as_that_exchange(question, answer):
    for first, second in [
        ("prompt", "response"),
        ("prompt", "completion"),
        ("question", "answer"),
        ("instruction", "output"),
        ("instruction", "response"),
    ]:
        row = {first: question, second: answer}
        assert read(row) == turns([(question, answer)])
        assert read(row, answered=False) == turns([(question, answer)])[:1]


@given(exchanges, exchanges)
def test_content_ids_differ_exactly_when_what_is_said_does(first, second):
    assert (content_id(turns(first)) == content_id(turns(second))) == (first == second)


@given(exchanges)
def test_prompt_and_response_are_the_turns_before_and_after(pairs):
    messages = [{"role": "system", "content": "Be brief."}, *turns(pairs)]
    assert response_of(messages) == pairs[-1][1]
    assert prompt_of(messages) == "\n\n".join([text for pair in pairs for text in pair][:-1])


@given(
    st.dictionaries(
        st.sampled_from(sorted(set().union(*FORMS.values()) | {"history", "input"})),
        st.recursive(
            st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
            lambda inner: (
                st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["role", "content", "from", "value"]), inner, max_size=2)
            ),
            max_leaves=6,
        ),
    ),
    st.none() | st.sampled_from(sorted(FORMS)),
)
def test_any_row_is_a_conversation_or_malformed_and_nothing_else(row, form):
    try:
        assert check(read(row, form))
    except MalformedRow as error:
        assert str(error)


def test_the_most_telling_form_is_recognised():
    assert recognise({"messages": [], "prompt": "x", "response": "y"}) == "messages"
    assert recognise({"instruction": "x", "output": "y", "response": "z"}) == "alpaca"
    assert recognise({"prompt": "x"}) == "prompt"


def test_an_input_follows_its_instruction():
    assert read({"instruction": "Add.", "input": "1 2", "output": "3"})[0]["content"] == "Add.\n\n1 2"
    assert read({"instruction": "Add.", "input": " ", "output": "3"})[0]["content"] == "Add."
    assert read({"instruction": "", "input": "1 + 2?", "output": "3"})[0]["content"] == "1 + 2?"


def test_a_nameless_column_is_not_an_answer():
    assert read({"prompt": "x", "": "7"}, answered=False) == [{"role": "user", "content": "x"}]


def test_tools_may_speak_between_two_turns_of_the_assistant():
    roles = ["system", "user", "assistant", "tool", "tool", "assistant"]
    assert check([{"role": role, "content": "x"} for role in roles])


@pytest.mark.parametrize(
    ("roles", "reason"),
    [
        ([], "no turns"),
        (["system"], "first turn is not the user's"),
        (["assistant", "user"], "first turn is not the user's"),
        (["user", "user", "assistant"], "two user turns in a row"),
        (["user", "system", "user", "assistant"], "two user turns in a row"),
        (["user", "assistant", "assistant"], "two assistant turns in a row"),
        (["user", "assistant", "user"], "last turn is not the assistant's"),
        (["user", "assistant", "tool"], "last turn is not the assistant's"),
        (["user", "assistant", "system"], "last turn is not the assistant's"),
    ],
)
def test_turns_out_of_order_are_refused(roles, reason):
    with pytest.raises(MalformedRow, match=reason):
        check([{"role": role, "content": "x"} for role in roles])


@pytest.mark.parametrize("text", ["a\x00b", "a\ud800b"])
def test_text_that_cannot_be_written_is_refused_with_its_field(text):
    with pytest.raises(MalformedRow) as error:
        read({"conversations": ["hello", text]})
    assert error.value.field == "conversations[1]"
