"""HTML to text: what is kept and what is dropped."""

import time

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
        ("Use <code>a  b</code> or <code>`c`</code>", "Use `a b` or `` `c` ``"),
        ("<pre><code>if x:\n    y\n</code></pre>", "```\nif x:\n    y\n```"),
        ("<pre>a ``` b</pre>", "````\na ``` b\n````"),
        ("<p>x</p><ul>\n<li>a</li>\n<li>b</li>\n</ul><p>y</p>", "x\n\n- a\n- b\n\ny"),
        ("<ol start='3'><li>a</li><li>b</li></ol>", "3. a\n4. b"),
        ("<ol><li>a<ul><li>b</li></ul></li><li>c</li></ol>", "1. a\n   - b\n2. c"),
        ("<ul><li><p>a</p><p>b</p><pre>c\n\nd</pre></li></ul>", "- a\n\n  b\n\n  ```\n  c\n\n  d\n  ```"),
        ("10<sup>5</sup> H<sub>2</sub>O", "10^5 H2O"),
        ("the 1<sup>st</sup>, x<sup>-1</sup> and a note<sup>see there for more</sup>", "the 1st, x^-1 and a notesee there for more"),
        ("<p><sup>small print</sup></p>", "small print"),
        ("<p>as shown (<a href='x'><img src='y'></a>) here, f()</p><p><img src='z'>.</p><p>end</p>", "as shown here, f()\n\nend"),
        ("<p>so that\n$$ a\n  = b $$,\nand on.</p>", "so that\n$$a\n= b$$,\nand on."),
        ("<p>run <code>echo $$</code> and\n<code>kill $$</code></p>", "run `echo $$` and `kill $$`"),
        ("<p>costs $$ a lot</p><p>or $$$$ more</p>", "costs $$ a lot\n\nor $$$$ more"),
        ("a&nbsp;&nbsp;b\x0bc\x0ed", "a b c d"),
        ("<tr><td>no table</td></tr>", "no table"),
        ("<ul><li></li></ul>", ""),
        ("</p></ul><li>x", "- x"),
        ("", ""),
    ],
)
def test_text_of(html, text):
    assert text_of(html) == text


@pytest.mark.parametrize("piece", ["<sup>2</sup>", "<img>", "(<img>", "$$a", " ", "<code>$$</code>", "` `` ", "<li>", "<b>"])
def test_absurdly_much_of_anything_costs_little_time(piece):
    html = piece * (300_000 // len(piece))
    began = time.process_time()
    try:
        text_of(html)
    except ValueError as error:
        assert "nested deeper" in str(error)
    assert time.process_time() - began < 3


def test_deep_nesting_is_refused_before_it_costs_time():
    assert text_of("<div>" * DEEPEST + "x" + "</div>" * DEEPEST) == "x"
    with pytest.raises(ValueError, match="nested deeper"):
        text_of("<div>" * 1_000_000)
