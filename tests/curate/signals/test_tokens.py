from tests.curate.hand_made import texts
from tests.small import shipped
from thousand.curate.signals.tokens import tokens


def test_tokens_are_those_of_the_base_and_of_the_response_alone():
    tokenizer = shipped().tokenizer
    responses = ["The bridge is old.", "", "Why? Because it is so, and has been for long."]
    assert tokens(texts(*responses), tokenizer).tolist() == [len(tokenizer.encode(each, add_special_tokens=False)) for each in responses]
    assert tokens(texts(), tokenizer).tolist() == []
