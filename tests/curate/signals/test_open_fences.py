import pytest

from tests.curate.hand_made import texts
from thousand.curate.signals.open_fences import open_fences


@pytest.mark.parametrize("response", ["Run\n```python\nls", "```\na\n```\nthen\n```\nb", "  ```\nindented"])
def test_a_block_that_is_not_closed(response):
    assert open_fences(texts(response)).tolist() == [1]


@pytest.mark.parametrize(
    "response",
    [
        "",
        "No code.",
        "```\nls\n```",
        "```python\nls\n```\nand\n```\npwd\n```",
        "```ls -l``` lists them.",
        "```ls -l\npwd\n```",  # of LIMA's own rows: the code begins beside the fence
        "````\n```\nnested\n```\n````",
    ],
)
def test_blocks_that_are_closed(response):
    assert open_fences(texts(response)).tolist() == [0]
