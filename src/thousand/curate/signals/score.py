"""what the source's readers gave the response, such as votes (LIMA, section 2.1, asks for 10); null where there are none."""

from thousand.curate.texts import Texts, Values


def score(texts: Texts) -> Values:
    return texts.scores
