"""Modules joined into files: each once, after what it imports, with a scope of its own."""

import shutil
import subprocess
from pathlib import Path

import pytest

from dashboard.web.joined_modules import NotJoinable, joined

NODE = shutil.which("node")

SOURCES = {
    "js/start.js": """import * as counting from "./parts/counting.js";
import { name as who } from "./greeting.js";
import greet from "./greeting.js";

export const first = counting.next();
console.log(greet(who), first);
""",
    "js/greeting.js": """/* export is a word here, too */
import { next } from "./parts/counting.js";

const first = next();
export const name = `ana ${first}`;
export default (whom) => {
  return `hello ${whom}`;
};
""",
    "js/parts/counting.js": """let count = 0;
function next() {
  count += 1;
  return count;
}
export async function later() {
  return next();
}
export class Counter {}
export { next };
""",
    "js/main.js": """import "./start.js";
import { first } from "./start.js";
import { later, Counter } from "./parts/counting.js";

later().then((count) => console.log(first, count, typeof Counter));
""",
}


def blocks(text: str) -> list[str]:
    return [line.removeprefix("// ") for line in text.splitlines() if line.startswith("// js/")]


def test_each_module_is_there_once_after_what_it_imports() -> None:
    files = joined(SOURCES, ["js/start.js", "js/main.js"])
    assert blocks(files["js/start.js"]) == ["js/parts/counting.js", "js/greeting.js", "js/start.js"]
    assert blocks(files["js/main.js"]) == ["js/main.js"]


@pytest.mark.skipif(NODE is None, reason="node is not installed; the browser tests run the joined files")
def test_joined_modules_do_what_they_did(tmp_path: Path) -> None:
    for name, text in SOURCES.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    (tmp_path / "joined").mkdir()
    for name, text in joined(SOURCES, ["js/start.js", "js/main.js"]).items():
        (tmp_path / "joined" / Path(name).name).write_text(text)
    (tmp_path / "package.json").write_text('{"type": "module"}')
    printed = [_printed(tmp_path / folder / "main.js") for folder in ("js", "joined")]
    assert printed == ["hello ana 1 2\n2 3 function\n"] * 2


def test_an_entry_hands_on_what_it_exports_to_those_that_import_it_later() -> None:
    sources = SOURCES | {"js/later.js": 'import { first } from "./start.js";\n\nexport const open = () => first;\n'}
    files = joined(sources, ["js/start.js", "js/later.js"])
    assert files["js/later.js"].splitlines()[-1] == 'export const { open } = $["js/later.js"];'
    assert blocks(files["js/later.js"]) == ["js/later.js"]


def _printed(script: Path) -> str:
    # In the joined files the first is loaded by the page; here by the import of what it exports.
    assert NODE
    run = subprocess.run([NODE, script], capture_output=True, text=True, timeout=60, check=False)
    assert run.returncode == 0, run.stderr
    return run.stdout


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("export let state = 1;", "exports in a form"),
        ("export * from './b.js';", "exports in a form"),
        ("export { a as b };", "exports in a form"),
        ("import { a,", "imports in a form"),
        ('import { a } from "react";', "imports in a form"),
        ('import { a } from "./nothing.js";', "which there is not"),
        ('import "./a.js";', "import one another"),
    ],
)
def test_what_cannot_be_joined_is_refused(line: str, reason: str) -> None:
    with pytest.raises(NotJoinable, match=reason):
        joined({"a.js": f"{line}\n"}, ["a.js"])
