"""The browser's files: ours in `assets/`, and the scripts of Dash's component packages; `dash_app` installs it.

Each file is served at an address with a fingerprint of its bytes, so a browser may keep it for ever. A fingerprint that
this process does not have, such as another version's during a rolling deployment, is answered 404: other bytes under
that address would be kept for ever too. Each text is compressed once per process, when it is first asked for, and both
forms stay in memory: 40 MB if somebody asks for every file, source maps included.

WhiteNoise was considered: it serves whatever lies in a folder under any name, and has no answer for a fingerprint that
is not the file's. flask-compress compresses on each request, unless it is given a cache.
"""

import hashlib
import importlib
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from types import MappingProxyType
from typing import Any

from dash.fingerprint import build_fingerprint
from flask import Flask, Response, request
from werkzeug.exceptions import MethodNotAllowed, NotFound

from dashboard.web.compression import MIN_BYTES, accepts_gzip, gzipped
from dashboard.web.joined_modules import joined

ASSETS_URL = "/assets/"
SUITES_URL = "/_dash-component-suites/"
URLS = (ASSETS_URL, SUITES_URL)
"""Every path below these is a public file: answered without a session."""

FOR_EVER = "public, max-age=31536000, immutable"
REVALIDATE = "no-cache"

CONTENT_TYPES = {
    ".js": "text/javascript; charset=utf-8",
    ".mjs": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".map": "application/json",
    ".json": "application/json",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".jpg": "image/jpeg",
    ".webp": "image/webp",
    ".ico": "image/x-icon",
    ".woff2": "font/woff2",
}
"""The kinds of files that are served; no other is."""

COMPRESSED = frozenset({".js", ".mjs", ".css", ".map", ".json", ".svg", ".ico"})

PACKAGES: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "dash": (
            "deps/*.min.js",
            "dash-renderer/build/dash_renderer.min.*",
            "dash-renderer/build/dash-ws-worker.js",
            "dcc/*",
            "html/*",
            "dash_table/bundle.*",
            "dash_table/async-*",
        ),
        "dash_mantine_components": ("*",),
        "dash_ag_grid": ("dash_ag_grid.min.*", "async-community.*"),  # async-enterprise is asked for by licensees alone
        "plotly": ("package_data/plotly.min.js",),
    }
)
"""The packages whose scripts pages use, and where in them these are."""

_VERSIONED_ALONE = ("dcc", "html", "dash_table")  # folders of the package dash with a `__version__` of their own
_CHUNK_FINGERPRINT = re.compile(rb'\.splice\(1,0,"(v[\w-]+m[0-9a-fA-F]+)"\)')


@dataclass(frozen=True)
class StaticFile:
    """A file with its fingerprinted path below `SUITES_URL` or `ASSETS_URL`: what is on disk, or `made` of several."""

    path: Path
    url: str
    made: bytes | None = None

    @cached_property
    def content(self) -> bytes:
        """The bytes, read once."""
        return self.path.read_bytes() if self.made is None else self.made

    @cached_property
    def compressed(self) -> bytes | None:
        """The bytes in gzip's form; None where that saves nothing."""
        if self.path.suffix not in COMPRESSED or len(self.content) < MIN_BYTES:
            return None
        return gzipped(self.content)

    @cached_property
    def etag(self) -> str:
        """The hash of the bytes."""
        return hashlib.sha256(self.content).hexdigest()[:32]


class StaticFiles:
    """The files that exist when the process starts, by their paths; no other path is ever opened.

    `entries` are modules in the assets folder that are served joined with all they import. Raises `NotJoinable`.
    """

    def __init__(self, assets: Path, entries: Sequence[str] = ()) -> None:
        found = [path for path in sorted(assets.rglob("*")) if path.is_file() and path.suffix in CONTENT_TYPES]
        modules = {_relative(path, assets): path.read_text(encoding="utf-8") for path in found if path.suffix == ".js"}
        made = {name: text.encode() for name, text in joined(modules, entries).items()}
        self._assets_fingerprint = _fingerprint({_relative(path, assets): path.read_bytes() for path in found} | made)
        prefix = f"{ASSETS_URL}{self._assets_fingerprint}/"
        self._joined = {
            name: StaticFile(assets / name, f"{prefix}joined/{Path(name).name}", text) for name, text in made.items()
        }
        plain = {f"{ASSETS_URL}{_relative(path, assets)}": path for path in found}
        self._files = {url: StaticFile(path, prefix + url.removeprefix(ASSETS_URL)) for url, path in plain.items()}
        for package in PACKAGES:
            self._files |= _package_files(package)
        self._by_fingerprint = {file.url: file for file in [*self._files.values(), *self._joined.values()]} | dict(
            self._chunks()
        )

    def install(self, app: Flask) -> None:
        """Answer every request below `URLS` before any route is called, Dash's own routes for them included."""
        app.before_request(self._respond)

    def asset_url(self, name: str) -> str:
        """The address of a file in the assets folder; the fingerprint is the whole folder's, so that a module's
        relative imports have it too. Raises KeyError when there is no such file."""
        return self._files[ASSETS_URL + name].url

    def joined_url(self, entry: str) -> str:
        """The address of an entry with all it imports. Raises KeyError for what is no entry."""
        return self._joined[entry].url

    def suite_url(self, package: str, path: str) -> str:
        """The address of a package's file, the same that Dash writes. Raises KeyError when there is no such file."""
        return self._files[f"{SUITES_URL}{package}/{path}"].url

    def _respond(self) -> Response | None:
        if not request.path.startswith(URLS):
            return None
        if request.method not in ("GET", "HEAD"):
            raise MethodNotAllowed(["GET", "HEAD"])
        if file := self._by_fingerprint.get(request.path):
            return _response(file, FOR_EVER)
        if file := self._files.get(request.path):
            return _response(file, REVALIDATE)
        raise NotFound

    def _chunks(self) -> Iterator[tuple[str, StaticFile]]:
        """The addresses of a bundle's `async-` chunks: webpack built their fingerprint into the bundle.

        Source: `jsonpScriptSrc` in each bundle, from Dash's package webpack-dash-dynamic-import.
        """
        for url, file in self._files.items():
            if url.startswith(SUITES_URL) and file.path.suffix == ".js" and not file.path.name.startswith("async-"):
                folder = url.rpartition("/")[0]
                for fingerprint in _CHUNK_FINGERPRINT.findall(file.path.read_bytes()):
                    yield from self._chunks_in(folder, fingerprint.decode())

    def _chunks_in(self, folder: str, fingerprint: str) -> Iterator[tuple[str, StaticFile]]:
        for url, file in self._files.items():
            parent, _, name = url.rpartition("/")
            if parent == folder and file.path.suffix == ".js":
                stem, _, suffix = name.partition(".")
                yield f"{parent}/{stem}.{fingerprint}.{suffix}", file


def _package_files(package: str) -> dict[str, StaticFile]:
    module = importlib.import_module(package)
    root = Path(str(module.__file__)).parent
    found = (path for pattern in PACKAGES[package] for path in root.glob(pattern) if path.suffix in CONTENT_TYPES)
    paths = {_relative(path, root): path for path in sorted(found) if path.suffix != ".json"}  # Python reads those
    return {
        f"{SUITES_URL}{package}/{name}": StaticFile(path, f"{SUITES_URL}{package}/{_dash_path(module, name, path)}")
        for name, path in paths.items()
    }


def _dash_path(module: Any, name: str, path: Path) -> str:
    """The path with the fingerprint that `dash.Dash` writes: the version and when the file was installed."""
    folder = name.partition("/")[0]
    versioned = importlib.import_module(f"{module.__name__}.{folder}") if folder in _VERSIONED_ALONE else module
    return build_fingerprint(name, versioned.__version__, int(path.stat().st_mtime))


def _fingerprint(contents: Mapping[str, bytes]) -> str:
    digest = hashlib.sha256()
    for name, content in sorted(contents.items()):
        digest.update(f"{name}\0{len(content)}\0".encode())
        digest.update(content)
    return digest.hexdigest()[:16]


def _relative(path: Path, folder: Path) -> str:
    return path.relative_to(folder).as_posix()


def _response(file: StaticFile, cache_control: str) -> Response:
    compressed = file.compressed if accepts_gzip() else None
    response = Response(file.content if compressed is None else compressed)
    response.headers["Content-Type"] = CONTENT_TYPES[file.path.suffix]
    response.headers["Cache-Control"] = cache_control
    if file.path.suffix in COMPRESSED:
        response.vary.add("Accept-Encoding")
    if compressed is not None:
        response.headers["Content-Encoding"] = "gzip"
    response.set_etag(file.etag if compressed is None else f"{file.etag}-gzip")
    return response.make_conditional(request)  # type: ignore[return-value]
