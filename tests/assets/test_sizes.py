"""What the page itself adds to Dash's bundles stays small."""

from pathlib import Path

ASSETS = Path(__file__).resolve().parents[2] / "assets"
MAX_BYTES = 200 * 1024
"""Of all scripts and styles, before compression; a fifth of that travels."""


def test_the_pages_own_scripts_and_styles_are_small() -> None:
    assert 0 < sum(file.stat().st_size for file in ASSETS.rglob("*.*") if file.is_file()) < MAX_BYTES


def test_no_folder_of_scripts_is_too_full_to_be_walked() -> None:
    folders = [folder for folder in (ASSETS / "js").rglob("*") if folder.is_dir()]
    assert folders
    assert all(len(list(folder.glob("*.js"))) <= 15 for folder in folders)
