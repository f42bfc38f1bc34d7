"""what the source's readers gave the response, such as votes (LIMA, section 2.1, asks for 10); null where there are none."""

from thousand.curate.texts import Measured, Texts


def score(texts: Texts) -> Measured:
    return Measured(texts.scores, ["the source gives none"] * len(texts))
