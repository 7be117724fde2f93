"""What the page itself adds to Dash's bundles stays small."""

from pathlib import Path

ASSETS = Path(__file__).resolve().parents[1] / "assets"


def test_the_pages_own_scripts_and_styles_stay_under_72_kb() -> None:
    assert 0 < sum(file.stat().st_size for file in ASSETS.iterdir()) < 72 * 1024


def test_scripts_load_in_the_order_they_need() -> None:
    """Dash loads assets by name: the socket first, then the runs it carries, panels, and the page around them."""
    scripts = sorted(file.name for file in ASSETS.glob("*.js"))
    assert scripts[:5] == ["01_socket.js", "02_runs.js", "03_panels.js", "04_page.js", "05_connection.js"]
