import numpy as np
import pytest
from py3langid.langid import MODEL_FILE, LanguageIdentifier

from tests.curate.hand_made import texts
from thousand.curate import measure
from thousand.curate.signals.language import Language, language
from thousand.errors import RecipeError
from thousand.recipe import Choice

SAID = {
    "en": "The old mill stands where two small streams meet below the village, and its wheel has turned since the carpenter came.",
    "de": "Die alte Mühle steht, wo sich unter dem Dorf zwei kleine Bäche treffen, und ihr Rad dreht sich, seit der Zimmermann kam.",
    "fr": "Le vieux moulin se dresse là où deux petits ruisseaux se rejoignent sous le village, et sa roue tourne depuis longtemps.",
    "es": "El viejo molino está donde se juntan dos pequeños arroyos debajo del pueblo, y su rueda gira desde que llegó el carpintero.",
    "ru": "Старая мельница стоит там, где под деревней сходятся два маленьких ручья, и колесо её крутится.",
    "zh": "老磨坊建在村子下面两条小溪汇合的地方，它的水轮自从木匠从海边来了以后一直在转动，每天都磨面粉。",
}
SAID = {name: f"{said} {said}" for name, said in SAID.items()}  # too little otherwise


@pytest.mark.parametrize("want", SAID)
def test_a_text_is_in_its_language_and_in_no_other(want):
    values = dict(zip(SAID, language(texts(*SAID.values()), want=want).values, strict=True))
    assert values.pop(want) > 0.9
    assert max(values.values()) < 0.05


def test_capitals_and_code_beside_it_change_little():
    fenced = "Run this:\n```\nimport os\n```\n"
    assert (language(texts(SAID["en"].upper(), fenced + SAID["en"], "x = f(y);\n" * 30 + SAID["en"])).values > 0.9).all()


@pytest.mark.parametrize("response", ["", "Lisbon", "42", "```\n" + "import os\n" * 30 + "```", "x = f(y);\n" * 30])
def test_too_little_prose_has_no_language_and_says_so(response):
    measured = language(texts(response))
    assert np.isnan(measured.values).all()
    assert measured.reasons == ["too little prose"]


def test_the_probability_is_py3langids_own():
    model = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    model.set_languages(list(Language.__args__))
    some = [said[:200] for said in SAID.values() if said.isascii()] + [SAID["en"][:120] + SAID["es"][:40], SAID["fr"][:150]]
    theirs = [dict(model.rank(text.encode()[:200]))["en"] for text in some]
    assert language(texts(*some)).values == pytest.approx(theirs, abs=1e-4)


def test_a_language_it_does_not_know_is_an_error_of_the_recipe():
    with pytest.raises(RecipeError, match=r"curate\.signals\.language\.want.*'xx'"):
        measure.bound(Choice(name="language", options={"want": "xx"}))
