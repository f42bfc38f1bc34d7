import pytest

from tests.curate.hand_made import texts
from thousand.curate.signals.links import links


@pytest.mark.parametrize(
    ("response", "count"),
    [
        ("See https://example.org/a?b=c#d.", 1),
        ("Go to www.example.org or HTTP://EXAMPLE.ORG", 2),
        ("Read [the manual](https://example.org) and [more](../other.html)", 2),
        ("![a picture](cat.png)", 1),
        ('<a class="x" href="y">here</a> <img src="z">', 2),
    ],
)
def test_links_and_images_are_counted_once_each(response, count):
    assert links(texts(response)).tolist() == [count]


@pytest.mark.parametrize(
    "response",
    [
        "Write `curl https://example.org` or\n```\nwget http://example.org [a](b)\n```",
        "The prefix http:// or https:// tells the protocol.",
        "Take a[0] (the first) and see [1] below.",
        "If x <a or <image, stop. <a drawing of a rocket>",
        "The www is old.",
    ],
)
def test_what_only_looks_like_one_is_not_counted(response):
    assert links(texts(response)).tolist() == [0]
