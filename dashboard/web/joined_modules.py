"""Joins our ES modules into one file for each entry, so that a browser makes two requests instead of thirty.

Each request costs the browser some milliseconds even where its own cache answers. A bundler would want Node, or a
build, on every machine; our modules keep to forms that make joining simple, and what is of another form is refused when
the process starts: imports of one line each, exports where something is declared, no `export let`, no circles. Each
module becomes a block with a scope of its own; `$` holds what it exports, by its path.
"""

import posixpath
import re
from collections.abc import Mapping, Sequence

Sources = Mapping[str, str]
"""The text of each module, by its path below the folder of all of them."""

_STATEMENT = re.compile(r"^(?:import|export)\b.*$", re.MULTILINE)
_IMPORT = re.compile(r'import (?:(?P<what>[^"]+) from )?"(?P<path>\.[^"]+)";')
_DECLARED = re.compile(r"export (?P<kept>(?:async function|function|class|const) (?P<name>\w+).*)")
_LISTED = re.compile(r"export \{ (?P<names>\w+(?:, \w+)*) \};")
_DEFAULT = "export default "


class NotJoinable(ValueError):
    """A module has a form that cannot be joined."""


def joined(sources: Sources, entries: Sequence[str]) -> dict[str, str]:
    """For each entry, in order, one module with all it needs that no earlier one has.

    What a later one needs of the earlier ones it imports from the first, which lies beside it; what the entry itself
    exports, its file does, for those that `import()` it. Raises `NotJoinable`.
    """
    files: dict[str, str] = {}
    done: list[str] = []
    for entry in entries:
        fresh = [path for path in _in_order(sources, entry) if path not in done]
        head = f'import {{ $ }} from "./{_name(entries[0])}";' if files else "export const $ = {};"
        files[entry] = "\n".join([head, *(_block(path, sources[path]) for path in fresh), _exports(sources, entry)])
        done += fresh
    return files


def _exports(sources: Sources, entry: str) -> str:
    """What hands on the exports of an entry; a default export is none of them."""
    declared = (_DECLARED.fullmatch(line) for line in _STATEMENT.findall(sources[entry]))
    names = [match["name"] for match in declared if match]
    return f'export const {{ {", ".join(names)} }} = $["{entry}"];' if names else ""


def _name(path: str) -> str:
    return path.rpartition("/")[2]


def _in_order(sources: Sources, entry: str) -> list[str]:
    """The entry after all it imports, each module after those that it imports itself."""
    ordered: list[str] = []

    def visit(path: str, importers: tuple[str, ...]) -> None:
        if path in importers:
            raise NotJoinable(f"these import one another: {' -> '.join([*importers, path])}")
        if path in ordered:
            return
        if path not in sources:
            raise NotJoinable(f"{importers[-1]} imports {path}, which there is not")
        for imported in _imports(path, sources[path]):
            visit(imported, (*importers, path))
        ordered.append(path)

    visit(entry, ())
    return ordered


def _imports(path: str, source: str) -> list[str]:
    found = (_IMPORT.fullmatch(line) for line in _STATEMENT.findall(source) if line.startswith("import"))
    return [_resolved(path, match["path"]) for match in found if match]


def _resolved(path: str, imported: str) -> str:
    return posixpath.normpath(posixpath.join(posixpath.dirname(path), imported))


def _block(path: str, source: str) -> str:
    """A module as a block that puts its exports into `$`."""
    exported: list[str] = []

    def rewritten(match: re.Match[str]) -> str:
        line = match[0]
        if line.startswith("import"):
            return _imported(path, line)
        if line.startswith(_DEFAULT):
            exported.append("default: $default")
            return f"const $default = {line.removeprefix(_DEFAULT)}"
        declared, listed = _DECLARED.fullmatch(line), _LISTED.fullmatch(line)
        if not declared and not listed:
            raise NotJoinable(f"{path} exports in a form that cannot be joined: {line}")
        exported.extend([declared["name"]] if declared else listed["names"].split(", ") if listed else [])
        return declared["kept"] if declared else ""

    body = _STATEMENT.sub(rewritten, source)
    return f'// {path}\n{{\n{body.rstrip()}\n$["{path}"] = {{ {", ".join(exported)} }};\n}}'


def _imported(path: str, line: str) -> str:
    match = _IMPORT.fullmatch(line)
    if not match:
        raise NotJoinable(f"{path} imports in a form that cannot be joined: {line}")
    what, place = match["what"], f'$["{_resolved(path, match["path"])}"]'
    if what is None:
        return ""
    if what.startswith("* as "):
        return f"const {what.removeprefix('* as ')} = {place};"
    return (
        f"const {what.replace(' as ', ': ')} = {place};" if what.startswith("{") else f"const {what} = {place}.default;"
    )
