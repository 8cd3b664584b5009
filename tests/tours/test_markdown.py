"""What Markdown a tour may hold, as HTML."""

from __future__ import annotations

import re
from io import BytesIO
from pathlib import Path
from xml.etree import ElementTree

import pytest
from PIL import Image
from tours.documents import mistakes_of

from app.terms.mathml import FIXED, KNOWN, mathml
from app.tours.document import read_tour, read_with_mistakes
from app.tours.html import html_of
from ulpm_core import ConfigError

ROOT = Path(__file__).parents[2]
HEAD = "---\ntitle: T\nminutes: 1\n---\n# S\n"


def html(text: str) -> str:
    (scene,) = read_tour((HEAD + text).encode(), "t.md").scenes
    return html_of(scene.blocks, lambda figure: "7")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("one\ntwo\n\nthree", "<p>one two</p><p>three</p>"),
        ("a *b* **c** _d_ e_f_g", "<p>a <em>b</em> <strong>c</strong> <em>d</em> e_f_g</p>"),
        ("**a *b***", "<p><strong>a <em>b</em></strong></p>"),
        ("a * b ** c", "<p>a * b ** c</p>"),
        ("*a", "<p>*a</p>"),
        ("**a *b", "<p>**a *b</p>"),
        ("`<a> *b*` ``c`d``", "<p><code>&lt;a&gt; *b*</code> <code>c`d</code></p>"),
        ("## Head ##\nwords", "<h2>Head</h2><p>words</p>"),
        ("- a\n- b\n  more\n  1. c\n- e", "<ul><li>a</li><li>b more<ol><li>c</li></ol></li><li>e</li></ul>"),
        ("words\n- a", "<p>words</p><ul><li>a</li></ul>"),
        ("```python\nx < 1\n```", "<pre><code>x &lt; 1</code></pre>"),
        ("~~~~\n```\n~~~~", "<pre><code>```</code></pre>"),
        ("[a *b*](#s)", '<p><a href="#s">a <em>b</em></a></p>'),
        (
            "[a](https://b.org/?c=1&d)",
            '<p><a href="https://b.org/?c=1&amp;d" target="_blank" rel="noopener noreferrer">a</a></p>',
        ),
        ("<b onclick=x>a</b> &amp;", "<p>&lt;b onclick=x&gt;a&lt;/b&gt; &amp;amp;</p>"),
        (r"\*a\* \{b\} \$1\$", "<p>*a* {b} $1$</p>"),
        ("from $5 to $6", "<p>from $5 to $6</p>"),
        ("{1 + 1} of {classes}", None),
    ],
)  # fmt: skip
def test_words_become_html(text, expected):
    if expected is None:
        assert {one.key for one in mistakes_of(HEAD + text)} == {"number"}
    else:
        assert html(text) == expected


def test_numbers_are_read_from_the_film():
    assert html("{loss at end}\n```film\nplayground\n```") == "<p>7</p>"


@pytest.mark.parametrize(
    ("tex", "inside"),
    [
        (r"\frac{1}{K-1}", "<mfrac><mrow><mn>1</mn></mrow><mrow><mi>K</mi><mo>−</mo><mn>1</mn></mrow></mfrac>"),
        (r"w_k^\top h", "<msubsup><mi>w</mi><mi>k</mi><mi>⊤</mi></msubsup><mi>h</mi>"),
        (r"\log t", '<mi>log</mi><mo>\u2061</mo><mspace width="0.167em"/><mi>t</mi>'),
        (r"\log(t)", f"<mi>log</mi>{FIXED}(</mo><mi>t</mi>{FIXED})</mo>"),
        (r"\sum_k^K x", "<msubsup><mo>∑</mo><mi>k</mi><mi>K</mi></msubsup><mi>x</mi>"),
        (r"\|W\|", f"{FIXED}‖</mo><mi>W</mi>{FIXED}‖</mo>"),
        (r"\sqrt{n}", "<msqrt><mrow><mi>n</mi></mrow></msqrt>"),
        (r"\mathbb{R}^d \mathcal{LN}", "<msup><mi>ℝ</mi><mi>d</mi></msup><mi>ℒ𝒩</mi>"),
        (r"\text{if } a < b", "<mtext>if </mtext><mi>a</mi><mo>&lt;</mo><mi>b</mi>"),
        (r"\hat x'", '<msup><mover accent="true"><mi>x</mi><mo>^</mo></mover><mo>′</mo></msup>'),
        (r"\left( x \right.", "<mo>(</mo><mi>x</mi>"),
        (r"\Sigma_W \varsigma \sigma \omega", "<msub><mi>Σ</mi><mi>W</mi></msub><mi>ς</mi><mi>σ</mi><mi>ω</mi>"),
    ],
)
def test_formulas_become_mathml(tex, inside):
    found = mathml(tex)
    assert found.startswith('<math alttext="') and found.endswith(f'">{inside}</math>')


def test_a_formula_of_its_own_stands_in_a_block():
    assert '<math display="block"' in html("$$x$$")
    assert "<munderover><mo>∑</mo><mi>k</mi><mi>K</mi></munderover>" in html(r"$$\sum_k^K$$")
    assert "<munder><mi>min</mi><mi>k</mi></munder>" in html(r"$$\min_k x_k$$")


FORMULA = re.compile(r"\$\$(.+?)\$\$|\$`?([^$]+?)`?\$", re.DOTALL)


def test_every_formula_of_the_theory_becomes_mathml():
    found = [a or b for a, b in FORMULA.findall((ROOT / "docs" / "theory.md").read_text(encoding="utf-8"))]
    assert len(found) > 300
    for tex in found:
        ElementTree.fromstring(mathml(tex))  # and each element that opens is closed


@pytest.mark.parametrize("name", KNOWN)
def test_a_refused_command_names_one_that_works(name):
    with pytest.raises(ConfigError) as refusal:
        mathml(f"\\{name}zz")
    (example,) = re.findall(r"for example \$(.*)\$", str(refusal.value))
    assert mathml(example)


@pytest.mark.parametrize(
    "tex",
    ["x}", "{x", "^", "x^", r"\frac{1}", r"\text x", r"\mathbb{x}", "a & b", "\\", "x" * 2000],
)
def test_a_formula_that_is_none_is_refused(tex):
    with pytest.raises(ConfigError) as refusal:
        mathml(tex)
    assert refusal.value.field == "formula"


def saved(folder: Path, name: str, kind: str, side: int = 3) -> None:
    held = BytesIO()
    Image.new("RGB", (side, 2)).save(held, kind)
    (folder / name).write_bytes(held.getvalue())


@pytest.mark.parametrize(("name", "kind"), [("a.png", "PNG"), ("b.JPG", "JPEG"), ("sub/c.jpeg", "JPEG")])
def test_images_become_data(tmp_path, name, kind):
    (tmp_path / "sub").mkdir()
    saved(tmp_path, name, kind)
    (scene,) = read_tour((HEAD + f"![Two <dots>]({name})").encode(), "t.md", tmp_path).scenes
    found = html_of(scene.blocks, str)
    assert found.startswith(f'<img src="data:image/{kind.lower()};base64,')
    assert found.endswith('alt="Two &lt;dots&gt;">')


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("none.png", "not found"),
        ("../secret.png", "not beside"),
        ("link.png", "not beside"),
        ("/etc/hosts.png", "not beside"),
        ("https://example.org/a.png", "not found"),
        ("a.svg", "no kind"),
        ("a.gif", "no kind"),
        ("false.png", "holds no png"),
        ("jpeg.png", "holds no png"),
        ("wide.png", "5,000 by 2 pixels"),
        ("large.png", "3.0 MB"),
        ("x" * 300 + ".png", "not found"),
        ("a\0.png", "not found"),
    ],
)
def test_other_images_are_refused(tmp_path, name, why):
    folder = tmp_path / "tour"
    folder.mkdir()
    saved(tmp_path, "secret.png", "PNG")
    (folder / "link.png").symlink_to(tmp_path / "secret.png")
    (folder / "false.png").write_text("<svg onload=alert(1)>")
    (folder / "a.svg").write_text("<svg onload=alert(1)>")
    saved(folder, "jpeg.png", "JPEG")
    saved(folder, "wide.png", "PNG", 5_000)
    (folder / "large.png").write_bytes(bytes(3 * 2**20))
    _, mistakes = read_with_mistakes((HEAD + f"![It]({name})").encode(), folder)
    (one,) = [mistake for mistake in mistakes.found if mistake.key == "image"]
    assert one.line == 6 and why in one.sentence


def test_all_images_together_are_bounded(tmp_path):
    saved(tmp_path, "a.png", "PNG")
    with (tmp_path / "a.png").open("ab") as file:
        file.write(bytes(2**20))
    _, mistakes = read_with_mistakes((HEAD + "![It](a.png)\n\n" * 5).encode(), tmp_path)
    assert [(one.line, one.key) for one in mistakes.found] == [(12, "image"), (14, "image")]
