"""address.js: the look in the address bar."""

from __future__ import annotations

from tests.javascript import run_node

WRITE = """
const said = [];
const replaceState = (state, _, address) => {
  if (given.sandboxed) throw new Error("no");
  said.push([state, address]);
};
globalThis.window = {
  location: { pathname: "/", search: "?classes=5&view=tour", hash: "#x" },
  history: { state: 7, replaceState },
  dispatchEvent: (event) => said.push(event.type),
};
new AddressBar({ lookKeys: given.keys }).write();
say(said);
"""


def test_only_another_look_is_written_and_told(tmp_path):
    def said(**given):
        return run_node(tmp_path, WRITE, "address.js", **given)[0]

    assert said(keys={"view": "polygon", "speed": 2}) == [[7, "/?classes=5&view=polygon&speed=2#x"], "lab-look"]
    assert said(keys={"view": "tour"}) == []
    assert said(keys=None) == []
    assert said(keys={"speed": 2}, sandboxed=True) == []
