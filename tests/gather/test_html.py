"""HTML to text: what is kept and what is dropped."""

import pytest

from thousand.gather.html import DEEPEST, text_of


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("<p>One\n  <b>bold</b> word.</p><p>Two.</p>", "One bold word.\n\nTwo."),
        ("a<br>b<br/>c", "a\nb\nc"),
        ("see <a href='http://x'>the page</a>", "see the page"),
        ("<p>x<img src='y' alt='z'></p><script>bad()</script><!-- c --><style>p{}</style>", "x"),
        ("1 &lt; 2 &amp; 3", "1 < 2 & 3"),
        ("Use <code>a  b</code> or <code>`c`</code>", "Use `a b` or ```c```"),
        ("<pre><code>if x:\n    y\n</code></pre>", "```\nif x:\n    y\n```"),
        ("<pre>a ``` b</pre>", "````\na ``` b\n````"),
        ("<p>x</p><ul>\n<li>a</li>\n<li>b</li>\n</ul><p>y</p>", "x\n\n- a\n- b\n\ny"),
        ("<ol start='3'><li>a</li><li>b</li></ol>", "3. a\n4. b"),
        ("<ol><li>a<ul><li>b</li></ul></li><li>c</li></ol>", "1. a\n   - b\n2. c"),
        ("<ul><li><p>a</p><p>b</p><pre>c\n\nd</pre></li></ul>", "- a\n\n  b\n\n  ```\n  c\n\n  d\n  ```"),
        ("10<sup>5</sup> H<sub>2</sub>O", "10^5 H2O"),
        ("<tr><td>no table</td></tr>", "no table"),
        ("<ul><li></li></ul>", ""),
        ("</p></ul><li>x", "- x"),
        ("", ""),
    ],
)
def test_text_of(html, text):
    assert text_of(html) == text


def test_deep_nesting_is_refused_before_it_costs_time():
    assert text_of("<div>" * DEEPEST + "x" + "</div>" * DEEPEST) == "x"
    with pytest.raises(ValueError, match="nested deeper"):
        text_of("<div>" * 1_000_000)
