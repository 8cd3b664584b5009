"""Joining modules into one script, and what is refused."""

from __future__ import annotations

import re
import subprocess

import pytest

from app.player.modules import ModuleError, joined
from tests.javascript import ROOT, node

COMPONENTS = ["player/door.js", "figure/figure.js"]
"""What Streamlit mounts: each has a default export."""
ALONE = [
    "player/offline.js",
    "player/boot.js",
    "player/engine/worker.js",
    "standalone/standalone.js",
    "tour_player/offline_tour.js",
]
ROOM_PAGES = [f"tour_player/room/{name}.js" for name in ("student", "teacher", "opening")]
ENTRIES = COMPONENTS + ALONE + ROOM_PAGES


@pytest.mark.parametrize("entry", ENTRIES)
def test_a_script_is_one_module_that_imports_nothing(entry, tmp_path):
    script = re.sub(r"/\*\*.*?\*/", "", joined(entry), flags=re.DOTALL)  # types in comments import what they like
    exported = re.findall(r"^export .*", script, re.MULTILINE)
    assert len(exported) == (entry in COMPONENTS)
    assert all(line.startswith("export default function mount") for line in exported)
    assert not re.search(r"^import |\bimport\(", script, re.MULTILINE)
    (tmp_path / "joined.mjs").write_text(script, encoding="utf-8")
    checked = subprocess.run([node(), "--check", "joined.mjs"], cwd=tmp_path, capture_output=True, text=True)
    assert checked.returncode == 0, checked.stderr


def test_no_module_of_the_player_is_left_out():
    joins = "\n".join(map(joined, ENTRIES))
    for path in [*(ROOT / "app/player").rglob("*.js"), *(ROOT / "app/standalone").glob("*.js")]:
        assert path.read_text(encoding="utf-8").splitlines()[0] in joins, path


def test_files_stand_after_what_they_import_each_of_them_once():
    modules = {
        "a.js": 'import { b } from "./b.js";\nimport { c, d } from "./deep/c.js";\nexport default function a() {}\n',
        "b.js": 'import {\n  c,\n} from "./deep/c.js";\nexport class b extends c {}\n',
        "deep/c.js": 'import { e, f } from "../e.js";\nexport const [c, d] = e;\n',
        "e.js": "export const e = [Object, 1];\nexport function* f() {}\n",
    }
    assert joined("a.js", modules.__getitem__).split("\n\n") == [
        "const e = [Object, 1];\nfunction* f() {}",
        "const [c, d] = e;",
        "class b extends c {}",
        "export default function a() {}\n",
    ]


@pytest.mark.parametrize(
    ("a", "b", "said"),
    [
        ("const b = 1;\n", "export const b = 2;\n", "a.js: b.js declares b too."),
        ("", "const b = 2;\n", "a.js: b.js exports no b."),
        ("", 'import { a } from "./a.js";\nexport const b = 2;\n', "a.js: it imports itself by way of a.js and b"),
        ("", "export default function b() {}\n", "b.js: only the module that a page asks for has a default export."),
        ('import * as c from "./b.js";\n', "export const b = 1;\n", 'a.js: "import * as c from "./b.js";" is no'),
        ('import { b as c } from "./b.js";\n', "export const b = 1;\n", "a.js: it imports b as c under a name"),
        ("export { b };\n", "export const b = 1;\n", 'a.js: "export { b };" is no import or export'),
    ],
)
def test_what_cannot_be_joined_is_named(a, b, said):
    modules = {"a.js": 'import { b } from "./b.js";\n' + a, "b.js": b}
    with pytest.raises(ModuleError, match=re.escape(said)):
        joined("a.js", modules.__getitem__)
