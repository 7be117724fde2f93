"""The documentation agrees with the code: what it names is there, and what users meet is named in it."""

import re
import subprocess
from pathlib import Path

import pytest

from backend_lambdas import errors, messages
from backend_lambdas.reports.chart_keys import KEYS
from backend_lambdas.reports.report_header import Header
from dashboard.charts import KINDS

REPO = Path(__file__).resolve().parents[1]
PAGES = sorted([*REPO.glob("*.md"), *(REPO / "docs").glob("*.md")])
DOCUMENTED = "\n".join(page.read_text(encoding="utf-8") for page in PAGES)
_TOPS = "dashboard|backend_lambdas|infra|sql|assets|tests|docs|requirements"
EXAMPLES = ("sql/reports/", "sql/jobs/")
"""Folders of which pages name files that an author has yet to write."""

_PATH = re.compile(rf"`((?:{_TOPS})/[\w./-]*)`")
_LINK = re.compile(r"\]\((?!http|#)([^)#]+)")
_TARGET = re.compile(r"^([a-z-]+):.*## ", re.MULTILINE)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_path_that_a_page_names_is_there(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    named = {path for path in _PATH.findall(text) if not path.startswith(EXAMPLES)}
    assert {path for path in named if not (REPO / path).exists()} == set()
    linked = {link for link in _LINK.findall(text) if not (page.parent / link).exists()}
    assert linked == set()


def test_the_readmes_house_is_the_tree() -> None:
    house = (REPO / "README.md").read_text(encoding="utf-8").partition("## The house")[2].partition("## ")[0]
    named = set(re.findall(r"^    (\w+)/ ", house, re.MULTILINE))
    command = ["git", "ls-tree", "-d", "--name-only", "HEAD"]
    tops = subprocess.run(command, cwd=REPO, capture_output=True, text=True, check=False, timeout=30).stdout.split()
    assert named == {top for top in tops if not top.startswith(".")} - {"docs", "requirements"}


def test_each_make_target_is_told() -> None:
    targets = _TARGET.findall((REPO / "Makefile").read_text(encoding="utf-8"))
    assert len(targets) > 8
    assert {target for target in targets if f"make {target}" not in DOCUMENTED} == set()


def test_each_error_code_is_told() -> None:
    def codes(kind: type[errors.PushboardError]) -> set[str]:
        own = {kind.code} if hasattr(kind, "code") else set()
        return own.union(*(codes(below) for below in kind.__subclasses__()))

    found = codes(errors.PushboardError)
    assert len(found) > 8
    assert {code for code in found if f"`{code}`" not in DOCUMENTED} == set()


def test_each_message_is_told() -> None:
    assert {action for action in messages.ACTIONS | messages.JOB_ACTIONS if f"`{action}`" not in DOCUMENTED} == set()


def test_each_key_of_a_header_and_each_chart_is_told() -> None:
    page = (REPO / "docs" / "report-header.md").read_text(encoding="utf-8")
    keys = Header.__struct_encode_fields__
    assert len(keys) > 5
    assert {key for key in keys if f"`{key}`" not in page} == set()
    assert set(KEYS) == set(KINDS)
    assert {kind for kind in KINDS if f"`{kind}`" not in page} == set()
