"""What the page itself adds to Dash's bundles stays small."""

from pathlib import Path

ASSETS = Path(__file__).resolve().parents[2] / "assets"
OPENED = {"dashAgGridFunctions.js", "table.js", "palette.js", "view_dialog.js"}
"""What the page loads when somebody opens it: `_OPENED` in `dashboard/dash_app.py`."""

MAX_BYTES = 218 * 1024
"""Of all other scripts and styles, before compression; a fifth of that travels. Views, favourites and the search take
16 KB of it: half is the style of their dialogs, half what a page needs before one is opened. Tables of few
rows take 5 KB, those whose rows stay on the server 4, and long lists of choices 5."""

MAX_OPENED_BYTES = 23 * 1024


def test_the_pages_own_scripts_and_styles_are_small() -> None:
    assert 0 < sum(size for name, size in sizes() if name not in OPENED) < MAX_BYTES


def test_what_is_loaded_when_it_is_opened_is_small_too() -> None:
    assert 0 < sum(size for name, size in sizes() if name in OPENED) < MAX_OPENED_BYTES


def sizes() -> list[tuple[str, int]]:
    return [(file.name, file.stat().st_size) for file in ASSETS.rglob("*.*") if file.is_file()]


def test_no_folder_of_scripts_is_too_full_to_be_walked() -> None:
    folders = [folder for folder in (ASSETS / "js").rglob("*") if folder.is_dir()]
    assert folders
    assert all(len(list(folder.glob("*.js"))) <= 15 for folder in folders)
