"""copyable.js: links are completed by how the film is looked at."""

from __future__ import annotations

from tests.javascript import run_node


def test_a_link_takes_the_look_from_the_address_and_nothing_else(tmp_path):
    code = """
    for (const [search, link] of given.cases) {
      globalThis.window = { location: { search } };
      say(completed(link));
    }
    """
    cases = [
        ("?classes=5&view=tour&at=0.5", "http://a/?seed=1"),
        ("?view=tour&question=x", "http://a/"),
        ("?talk=1&theme=dark&captions=0&curve=nc3&curves=run", "http://a/"),
        ("?classes=5&reviewed=1", "http://a/"),
        ("", "http://a/?seed=1"),
    ]
    said = run_node(tmp_path, code, "page/copyable.js", cases=cases)
    assert said == [
        "http://a/?seed=1&view=tour&at=0.5",
        "http://a/?view=tour",
        "http://a/?theme=dark&captions=0&curve=nc3",
        "http://a/",
        "http://a/?seed=1",
    ]
