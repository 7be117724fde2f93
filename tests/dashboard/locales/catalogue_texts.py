"""The texts that the code looks up in a catalogue, and those that look like words and are not looked up."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from backend_lambdas.errors import PushboardError

REPO = Path(__file__).resolve().parents[3]
SERVER, BROWSER = REPO / "dashboard", REPO / "assets" / "js"
ROOMS = ("auth", "charts", "errors.py", "filters", "grid", "jobs", "layouts", "pages", "panels", "views")
"""Where the server says something to people; what downloads put into files is English, for everybody the same."""

LOOKUPS = {"_", "_n", "noop", "noop_n"}
NOT_SHOWN = {"className", "openid", "id", "type", "samesite", "scope"}
_WORDS = re.compile(r"[A-Z][a-z]+([ ,.:;!?].*|)|.*[a-z]{2,} [a-z]{2,}.*", re.DOTALL)
_STRING = r'"((?:[^"\\\n]|\\.)*)"'
_LOOKED_UP = re.compile(rf"(?<![\w.])(?:t|noop)\({_STRING}")
_COUNTED = re.compile(rf"(?<![\w.])counted\({_STRING}, {_STRING}")
_TEMPLATE = re.compile(r"`((?:[^`\\]|\\.)*)`")
_BESIDE = re.compile(r" ?[a-z]{2,} | [a-z]{2,}")  # a word beside a place, as in `by ${name}`
_CLASSES = re.compile(r'className: (?:"[^"]*"|`[^`]*`)|"icon [a-z -]+"|key === "(?:Enter|Control|Meta)"')
_COMMENT = re.compile(r"/\*.*?\*/|^\s*//.*?$|(?<=[;,{]) // [^\n]*", re.DOTALL | re.MULTILINE)


def of_server() -> set[str]:
    """What the server's code looks up; forms for counts are joined by `|`."""
    return {text for file in sorted(SERVER.rglob("*.py")) for text in _looked_up(ast.parse(file.read_text("utf-8")))}


def _looked_up(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in LOOKUPS:
            texts = [one.value for one in node.args if isinstance(one, ast.Constant) and isinstance(one.value, str)]
            wanted = 2 if node.func.id.endswith("_n") else 1
            if len(texts) >= wanted:
                yield "|".join(texts[:wanted])


def of_browser() -> set[str]:
    """What the scripts look up."""
    return {text for source in _sources() for text in _in_script(source)}


def _in_script(source: str) -> Iterator[str]:
    yield from _LOOKED_UP.findall(source)
    yield from ("|".join(pair) for pair in _COUNTED.findall(source))


def _sources() -> Iterator[str]:
    for file in sorted(BROWSER.rglob("*.js")):
        yield _COMMENT.sub("", file.read_text("utf-8"))


def sentences() -> set[str]:
    """Every literal of the code whole: sentences of errors are among them."""
    files = [*sorted(SERVER.rglob("*.py")), *sorted((REPO / "backend_lambdas").rglob("*.py"))]
    return {
        node.value
        for file in files
        for node in ast.walk(ast.parse(file.read_text("utf-8")))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }


def of_gateway() -> set[str]:
    """The sentence of each error that the functions answer with."""
    return {error.sentence for error in _errors(PushboardError) if hasattr(error, "sentence")}


def _errors(kind: type[PushboardError]) -> Iterator[type[PushboardError]]:
    for error in kind.__subclasses__():
        yield error
        yield from _errors(error)


def unlisted_of_server() -> Iterator[tuple[str, str]]:
    """What looks like words and is not looked up, with its file."""
    for room in ROOMS:
        place = SERVER / room
        for file in [place] if place.is_file() else sorted(place.rglob("*.py")):
            tree = ast.parse(file.read_text("utf-8"))
            apart = set(_apart(tree))
            for node in ast.walk(tree):
                if node not in apart and _is_words(node):
                    yield file.relative_to(REPO).as_posix(), node.value


def _is_words(node: ast.AST) -> bool:
    if not isinstance(node, ast.Constant) or not isinstance(node.value, str):
        return False
    return bool(_WORDS.fullmatch(node.value.strip())) and "<" not in node.value


def _apart(tree: ast.AST) -> Iterator[ast.AST]:
    """Texts that are looked up or not shown: docstrings, what is logged, names of classes, errors of programs."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            yield node.value
        if isinstance(node, ast.keyword) and node.arg in NOT_SHOWN:
            yield from ast.walk(node.value)
        if isinstance(node, ast.Call) and _is_apart(ast.unparse(node.func)):
            yield from (inner for argument in (*node.args, *node.keywords) for inner in ast.walk(argument))


def _is_apart(called: str) -> bool:
    programs = ("ValueError", "KeyError", "TypeVar", "re.compile", "AuthError", "LoginError")
    return called in LOOKUPS or called.startswith("log.") or called in programs


def unlisted_of_browser() -> Iterator[str]:
    """What looks like words in a script and is not looked up: quoted, or around the places of a template."""
    for source in _sources():
        rest = _CLASSES.sub("", _COUNTED.sub("", _LOOKED_UP.sub("", source)))
        quoted = [text for text in re.findall(_STRING, rest) if _WORDS.fullmatch(text)]
        around = [part for text in _TEMPLATE.findall(rest) for part in re.split(r"\$\{.*?\}", text)]
        yield from quoted
        yield from (part for part in around if _WORDS.fullmatch(part.strip()) and "=" not in part)
        yield from (part.strip() for part in around if _BESIDE.fullmatch(part))
