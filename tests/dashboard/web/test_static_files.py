"""The browser's files: compressed once, kept for ever under their fingerprints, and no other bytes under any."""

import gzip
import re
from pathlib import Path

import dash
import dash_ag_grid
import dash_mantine_components as dmc
import pytest
from dash import dcc, html
from dash.fingerprint import check_fingerprint
from flask import Flask
from flask.testing import FlaskClient

from dashboard import errors
from dashboard.web.static_files import CONTENT_TYPES, FOR_EVER, SUITES_URL, StaticFiles

SCRIPT = "export const answer = 42;\n" * 200
GZIP = {"Accept-Encoding": "gzip, deflate, br"}


@pytest.fixture(scope="module")
def assets(tmp_path_factory) -> Path:
    root = tmp_path_factory.mktemp("site")
    folder = root / "assets"
    (folder / "js").mkdir(parents=True)
    (folder / "js" / "main.js").write_text(SCRIPT)
    (folder / "js" / "socket.js").write_text("export default 1;\n")
    (folder / "notes.py").write_text("secret = 1\n")
    (root / "outside.js").write_text("outside")
    return folder


@pytest.fixture(scope="module")
def files(assets: Path) -> StaticFiles:
    return StaticFiles(assets)


@pytest.fixture(scope="module")
def app(files: StaticFiles, assets: Path) -> Flask:
    """A server with Dash and its own routes for the same addresses."""
    server = Flask("site", static_folder=None)
    errors.install(server)
    files.install(server)
    app = dash.Dash("site", server=server, assets_folder=str(assets), serve_locally=True)
    app.layout = html.Div([dcc.Graph(), dmc.MantineProvider(dash_ag_grid.AgGrid())])
    server.config["DASH"] = app
    return server


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


class TestAssets:
    def test_a_file_is_kept_for_ever_under_its_fingerprint(self, client: FlaskClient, files: StaticFiles) -> None:
        answer = client.get(files.asset_url("js/main.js"))
        assert answer.text == SCRIPT
        assert answer.headers["Cache-Control"] == FOR_EVER
        assert answer.headers["Content-Type"] == "text/javascript; charset=utf-8"

    def test_a_relative_import_has_the_same_fingerprint(self, client: FlaskClient, files: StaticFiles) -> None:
        imported = files.asset_url("js/main.js").rpartition("/")[0] + "/socket.js"
        assert imported == files.asset_url("js/socket.js")
        assert client.get(imported).headers["Cache-Control"] == FOR_EVER

    def test_another_byte_in_any_file_is_another_fingerprint(self, assets: Path, tmp_path: Path) -> None:
        (tmp_path / "js").mkdir()
        (tmp_path / "js" / "main.js").write_text(SCRIPT)
        (tmp_path / "js" / "socket.js").write_text("export default 1;\n")
        assert StaticFiles(tmp_path).asset_url("js/main.js") == StaticFiles(assets).asset_url("js/main.js")
        (tmp_path / "js" / "socket.js").write_text("export default 2;\n")
        assert StaticFiles(tmp_path).asset_url("js/main.js") != StaticFiles(assets).asset_url("js/main.js")

    def test_an_entry_is_served_with_all_it_imports(self, app: Flask, tmp_path: Path) -> None:
        (tmp_path / "js").mkdir()
        (tmp_path / "js" / "main.js").write_text('import socket from "./socket.js";\nsocket();\n')
        (tmp_path / "js" / "socket.js").write_text("export default () => {};\n")
        joined = StaticFiles(tmp_path, ["js/main.js"])
        server = Flask("joined", static_folder=None)
        joined.install(server)
        answer = server.test_client().get(joined.joined_url("js/main.js"))
        assert answer.headers["Cache-Control"] == FOR_EVER
        assert answer.text.index("// js/socket.js") < answer.text.index("// js/main.js")
        assert joined.joined_url("js/main.js").split("/")[2] == joined.asset_url("js/main.js").split("/")[2]
        with pytest.raises(KeyError):
            joined.joined_url("js/socket.js")

    def test_without_a_fingerprint_the_browser_asks_again(self, client: FlaskClient) -> None:
        answer = client.get("/assets/js/main.js")
        assert answer.text == SCRIPT
        assert answer.headers["Cache-Control"] == "no-cache"
        again = client.get("/assets/js/main.js", headers={"If-None-Match": answer.headers["ETag"]})
        assert again.status_code == 304
        assert again.data == b""

    def test_an_address_of_no_file_is_an_error_of_ours(self, files: StaticFiles) -> None:
        with pytest.raises(KeyError):
            files.asset_url("js/nothing.js")

    @pytest.mark.parametrize(
        "path",
        [
            "/assets/0123456789abcdef/js/main.js",
            "/assets/{fingerprint}/js/nothing.js",
            "/assets/{fingerprint}/notes.py",
            "/assets/notes.py",
            "/assets/../outside.js",
            "/assets/%2e%2e/outside.js",
            "/assets/js/..%2f..%2foutside.js",
            "/assets/{fingerprint}/../../outside.js",
            "/assets//etc/hostname",
            "/assets/js",
            "/assets/",
            "/assets/js/main.js%00.js",
        ],
    )
    def test_anything_else_is_not_found(self, client: FlaskClient, files: StaticFiles, path: str) -> None:
        fingerprint = files.asset_url("js/main.js").split("/")[2]
        answer = client.get(path.format(fingerprint=fingerprint))
        assert answer.status_code == 404
        assert answer.json == {"error": {"code": "bad_request", "message": "There is nothing at this address."}}

    def test_a_write_is_refused(self, client: FlaskClient) -> None:
        answer = client.post("/assets/js/main.js")
        assert answer.status_code == 405
        assert answer.json is not None


class TestCompression:
    def test_text_is_compressed_for_those_who_take_it(self, client: FlaskClient, files: StaticFiles) -> None:
        answer = client.get(files.asset_url("js/main.js"), headers=GZIP)
        assert answer.headers["Content-Encoding"] == "gzip"
        assert answer.headers["Vary"] == "Accept-Encoding"
        assert gzip.decompress(answer.data).decode() == SCRIPT

    @pytest.mark.parametrize("accepted", ["", "br", "gzip;q=0", "identity"])
    def test_and_for_nobody_else(self, client: FlaskClient, files: StaticFiles, accepted: str) -> None:
        answer = client.get(files.asset_url("js/main.js"), headers={"Accept-Encoding": accepted})
        assert "Content-Encoding" not in answer.headers
        assert answer.headers["Vary"] == "Accept-Encoding"
        assert answer.text == SCRIPT

    def test_the_two_forms_have_two_tags(self, client: FlaskClient, files: StaticFiles) -> None:
        url = files.asset_url("js/main.js")
        plain, packed = client.get(url), client.get(url, headers=GZIP)
        assert plain.headers["ETag"] != packed.headers["ETag"]
        again = client.get(url, headers={**GZIP, "If-None-Match": packed.headers["ETag"]})
        assert again.status_code == 304
        assert again.headers["Cache-Control"] == FOR_EVER

    def test_a_file_is_compressed_once(self, client: FlaskClient, assets: Path, monkeypatch) -> None:
        from dashboard.web import static_files

        calls: list[int] = []
        packed = static_files.gzipped
        monkeypatch.setattr(static_files, "gzipped", lambda *a, **k: calls.append(1) or packed(*a, **k))
        app = Flask("once")
        own = StaticFiles(assets)
        own.install(app)
        for _ in range(3):
            app.test_client().get(own.asset_url("js/main.js"), headers=GZIP)
        assert len(calls) == 1

    def test_head_has_the_headers_alone(self, client: FlaskClient, files: StaticFiles) -> None:
        url = files.asset_url("js/main.js")
        got, head = client.get(url, headers=GZIP), client.head(url, headers=GZIP)
        assert head.data == b""
        for name in ("Content-Length", "ETag", "Content-Type", "Content-Encoding", "Cache-Control"):
            assert head.headers[name] == got.headers[name]


class TestSuites:
    def test_each_address_that_dash_writes_is_served_for_ever(self, client: FlaskClient) -> None:
        written = re.findall(rf'"({SUITES_URL}[^"]+\.(?:js|css))"', client.get("/").text)
        assert len(written) > 5
        for url in written:
            answer = client.get(url)
            assert answer.status_code == 200, url
            assert answer.headers["Cache-Control"] == FOR_EVER, url

    def test_ours_are_the_addresses_that_dash_writes(self, client: FlaskClient, files: StaticFiles) -> None:
        document = client.get("/").text
        for package, path in (
            ("dash", "dcc/dash_core_components.js"),
            ("dash", "html/dash_html_components.min.js"),
            ("dash", "dash_table/bundle.js"),
            ("dash", "dash-renderer/build/dash_renderer.min.js"),
            ("dash_mantine_components", "dash_mantine_components.js"),
            ("dash_ag_grid", "dash_ag_grid.min.js"),
        ):
            assert f'"{files.suite_url(package, path)}"' in document

    def test_each_file_that_dash_registers_is_served(self, app: Flask, client: FlaskClient) -> None:
        client.get("/")
        registered = app.config["DASH"].registered_paths
        assert set(registered) == {"dash", "dash_mantine_components", "dash_ag_grid", "plotly"}
        for package, paths in registered.items():
            root = Path(str(__import__(package).__file__)).parent
            for path in paths:
                expected = 200 if (root / path).is_file() and "enterprise" not in path else 404
                answer = client.get(f"{SUITES_URL}{package}/{path}")
                assert answer.status_code == expected, path
                assert expected == 404 or answer.headers["Cache-Control"] == "no-cache"

    @pytest.mark.parametrize(
        ("package", "bundle", "chunk"),
        [
            ("dash", "dcc/dash_core_components.js", "dcc/async-graph"),
            ("dash", "dash_table/bundle.js", "dash_table/async-table"),
            ("dash_mantine_components", "dash_mantine_components.js", "async-LineChart"),
            ("dash_ag_grid", "dash_ag_grid.min.js", "async-community"),
        ],
    )
    def test_a_chunk_is_served_under_the_fingerprint_in_its_bundle(self, client, package, bundle, chunk) -> None:
        text = client.get(f"{SUITES_URL}{package}/{bundle}").text
        (fingerprint,) = set(re.findall(r'"(v\d[\w-]*m\d{9,})"', text))
        answer = client.get(f"{SUITES_URL}{package}/{chunk}.{fingerprint}.js")
        assert answer.status_code == 200
        assert answer.headers["Cache-Control"] == FOR_EVER
        other = client.get(f"{SUITES_URL}{package}/{chunk}.{fingerprint[:-1]}x.js")
        assert other.status_code == 404

    def test_a_fingerprint_of_another_version_is_not_found(self, client: FlaskClient, files: StaticFiles) -> None:
        url = files.suite_url("plotly", "package_data/plotly.min.js")
        assert check_fingerprint(url) == (f"{SUITES_URL}plotly/package_data/plotly.min.js", True)
        assert client.get(url).status_code == 200
        assert client.get(re.sub(r"m\d+\.min", "m1.min", url)).status_code == 404

    @pytest.mark.parametrize(
        "path",
        [
            "nope/x.js",
            "dash/dash.py",
            "dash/nothing.js",
            "dash/package-info.json",
            "dash/../dash_ag_grid/dash_ag_grid.min.js",
            "plotly/package_data/widgetbundle.js",
            "plotly/__init__.py",
            "os/path.js",
            "",
        ],
    )
    def test_anything_else_is_not_found(self, client: FlaskClient, path: str) -> None:
        answer = client.get(SUITES_URL + path)
        assert answer.status_code == 404
        assert answer.json is not None
        assert answer.json["error"]["message"] == "There is nothing at this address."


def test_each_kind_of_file_in_the_assets_is_served() -> None:
    assets = Path(__file__).resolve().parents[3] / "assets"
    kinds = {path.suffix for path in assets.rglob("*") if path.is_file()}
    assert kinds <= set(CONTENT_TYPES)
    files = StaticFiles(assets)
    for path in assets.rglob("*.js"):
        assert files.asset_url(path.relative_to(assets).as_posix())
