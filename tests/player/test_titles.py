"""titles.js: figures beside the curves' names."""

from __future__ import annotations

from tests.javascript import run_node


def test_a_loss_is_never_called_nothing(tmp_path):
    code = 'say([valueWords("loss", 0), valueWords("loss", 1e-5), valueWords("nc1_trace_ratio", 0)]);'
    said = run_node(tmp_path, code, "titles.js")
    assert said == [["below 10⁻³⁰⁸", "1.0 × 10⁻⁵", "0"]]
