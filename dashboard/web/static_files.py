from pathlib import Path
import importlib, mimetypes, os
from dash.fingerprint import build_fingerprint
from flask import Flask, send_from_directory
class StaticFiles:
    def __init__(self, assets: Path) -> None:
        self.assets = assets
    def install(self, app: Flask) -> None:
        def asset(fp, name):
            r = send_from_directory(self.assets, name); r.headers["Cache-Control"]="public, max-age=31536000, immutable"; return r
        app.add_url_rule("/assets/<fp>/<path:name>", view_func=asset, endpoint="own_asset")
        def pl(name):
            import plotly
            return send_from_directory(Path(plotly.__file__).parent, "package_data/plotly.min.js", max_age=31536000)
        app.add_url_rule("/_dash-component-suites/plotly/<path:name>", view_func=pl, endpoint="pl")
    def asset_url(self, name): import time; return f"/assets/fp{int(time.time())}/{name}"
    def suite_url(self, package, path):
        m = importlib.import_module(package)
        f = os.path.join(os.path.dirname(m.__file__), path)
        return f"/_dash-component-suites/{package}/{build_fingerprint(path, getattr(m,'__version__','0'), int(os.stat(f).st_mtime))}"
