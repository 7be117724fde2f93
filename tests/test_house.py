"""Who may import whom: the rules of the house, read from the code."""

import ast
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

REPO = Path(__file__).resolve().parents[1]
OURS = ("backend_lambdas", "dashboard", "infra", "tests")
MESSAGES = "backend_lambdas.messages"
CHECK = "infra/check/"
READERS_OF_REPORTS = {
    "announce_reports",
    "get_reports",
    "get_jobs",
    "keep_views",
    "on_connect",
    "run_jobs",
    "turn_pages",
}


def modules(package: str) -> list[Path]:
    return sorted((REPO / package).rglob("*.py"))


def imported(file: Path) -> Iterator[str]:
    """Every module a file imports, at the top or inside a function, written out in full."""
    package = file.relative_to(REPO).parent.parts
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        if isinstance(node, ast.ImportFrom):
            base = (
                ".".join((*package[: len(package) - node.level + 1], node.module or "")) if node.level else node.module
            )
            yield from (f"{base}.{alias.name}" for alias in node.names)


def imports_of_ours(package: str) -> dict[str, set[str]]:
    """File to what it imports of our packages, other than its own."""
    found: dict[str, set[str]] = {}
    for file in modules(package):
        ours = {name for name in imported(file) if name.split(".")[0] in OURS and name.split(".")[0] != package}
        if ours:
            found[file.relative_to(REPO).as_posix()] = ours
    return found


def test_the_functions_import_nothing_of_ours_from_outside() -> None:
    assert imports_of_ours("backend_lambdas") == {}


def test_functions_keep_in_their_modules_only_what_all_their_invocations_may_share() -> None:
    """On a laptop those that run at the same time share the modules of their function, on AWS they do not.

    Each of these is made once and never changed.
    """
    kept = {
        f"{file.relative_to(REPO / 'backend_lambdas').as_posix()}: {name}"
        for file in modules("backend_lambdas")
        for name in _kept(ast.parse(file.read_text()))
    }
    assert kept == {
        "aws/clients.py: _session",
        "handlers/check_sign_up.py: domains",
        "handlers/setup_redshift.py: build",
        "reports/report_header.py: _composed",
    }


def test_what_threads_read_into_structs_is_made_ready_when_its_module_is_imported() -> None:
    """By a decoder in the module: msgspec's `decode` looks at a type when it first meets it, and is not safe then."""
    decoded = {
        f"{file.relative_to(REPO).as_posix()}:{call.lineno}"
        for file in [*modules("backend_lambdas"), *modules("dashboard")]
        for call in ast.walk(ast.parse(file.read_text()))
        if isinstance(call, ast.Call)
        and ast.unparse(call.func).startswith("msgspec")
        and "decode" in ast.unparse(call.func)
        if any(keyword.arg == "type" for keyword in call.keywords)
    }
    assert decoded == set()


def _kept(tree: ast.Module) -> Iterator[str]:
    """What a module keeps from one call to the next: results of cached functions, and variables that it sets anew."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Global):
            yield from node.names
        if isinstance(node, ast.FunctionDef) and any(map(_keeps, node.decorator_list)):
            yield node.name


def _keeps(decorator: ast.expr) -> bool:
    """Whether results are kept in the module; those of a property are kept in its object."""
    name = ast.unparse(decorator)
    return "cache" in name and name != "cached_property"


def test_the_dashboard_knows_the_wire_messages_of_the_functions_and_nothing_else() -> None:
    strangers = {
        file: names
        for file, names in imports_of_ours("dashboard").items()
        if not all(name == MESSAGES or name.startswith(f"{MESSAGES}.") for name in names)
    }
    assert strangers == {}


def test_the_wire_messages_are_a_pure_module() -> None:
    """So importing them brings no AWS SDK into the dashboard."""
    ours = {
        name for name in imported(REPO / "backend_lambdas" / "messages.py") if not name.startswith("backend_lambdas")
    }
    assert {name.split(".")[0] for name in ours} <= {"collections", "json", "msgspec", "typing"}


def test_the_laptop_meets_functions_and_dashboard_only_as_aws_and_a_browser_would() -> None:
    """It invokes handlers by the names in the template and starts the dashboard as a process.

    Only the check of report files, which is no part of what runs, reads them by the functions' own code: an author
    would not trust a second opinion.
    """
    assert [file for file in imports_of_ours("infra") if not file.startswith(CHECK)] == []


def test_the_laptops_aws_stands_on_the_warehouse_and_that_on_the_sql() -> None:
    """Never the other way round, so that each can be read and used without what stands on it."""
    for package, below in {"redshift_sql": [], "warehouse": ["infra.redshift_sql"]}.items():
        allowed = (f"infra.{package}", *below)
        names = {name for file in modules(f"infra/{package}") for name in imported(file) if name.startswith("infra.")}
        assert [name for name in names if not name.startswith(allowed)] == []


def test_the_check_of_reports_uses_nothing_of_the_functions_that_talks_to_aws() -> None:
    names = {name for file, names in imports_of_ours("infra").items() if file.startswith(CHECK) for name in names}
    assert {name.split(".")[0] for name in names} == {"backend_lambdas"}
    used = {module for name in names if (module := _module(name))}
    while further := {other for name in used for other in _own_imports(name)} - used:
        used |= further
    talking = {name for name in used if {"boto3", "botocore"} & set(_outside_imports(name))}
    assert talking == set()


def test_only_functions_that_read_report_files_load_what_reads_them() -> None:
    """The schema of their headers and YAML take their time to import: nobody else waits for them."""
    files = [file for file in modules("backend_lambdas/handlers") if "\ndef handler(" in file.read_text()]
    functions = [file.stem for file in files]
    named = {file.stem: ".".join(file.relative_to(REPO).with_suffix("").parts) for file in files}
    others = ", ".join(module for name, module in named.items() if name not in READERS_OF_REPORTS)
    header = "backend_lambdas.reports.report_header"
    code = f"import sys, {others}; sys.exit({{{header!r}, 'yaml'}} & set(sys.modules) != set())"
    assert (REPO / f"{header.replace('.', '/')}.py").is_file()
    assert set(functions) > READERS_OF_REPORTS
    assert subprocess.run([sys.executable, "-c", code], cwd=REPO, timeout=60).returncode == 0


def _module(name: str) -> Path | None:
    """The file of what is imported by this name from `backend_lambdas`: a module, or something in one."""
    parts = name.split(".")
    files = (REPO.joinpath(*parts[:length]).with_suffix(".py") for length in range(len(parts), 1, -1))
    return next((file for file in files if file.is_file()), None)


def _own_imports(module: Path) -> set[Path]:
    """The modules of `backend_lambdas` that one of them imports."""
    names = (name for name in imported(module) if name.startswith("backend_lambdas."))
    return {found for name in names if (found := _module(name))}


def _outside_imports(module: Path) -> set[str]:
    return {name.split(".")[0] for name in imported(module)}


@pytest.mark.parametrize("package", ["backend_lambdas", "dashboard"])
def test_nobody_but_tests_imports_the_laptop(package: str) -> None:
    users = [file for file in modules(package) if any(name.startswith("infra") for name in imported(file))]
    assert users == []


@pytest.mark.parametrize("package", ["backend_lambdas", "dashboard"])
def test_nothing_asks_whether_it_is_local(package: str) -> None:
    """Addresses come from outside; no code names this computer."""
    asking = [
        file.relative_to(REPO).as_posix()
        for file in modules(package)
        for node in ast.walk(ast.parse(file.read_text()))
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and _names_this_computer(node.value)
    ]
    assert asking == []


def _names_this_computer(text: str) -> bool:
    return any(word in text for word in ("localhost", "127.0.0.1", "AWS_ENDPOINT_URL", "IS_LOCAL")) and " " not in text


def test_no_folder_has_more_files_than_one_can_guess() -> None:
    """At most 15 modules a folder, besides those whose names Python and pytest give."""
    given = ("__init__.py", "__main__.py", "conftest.py")
    files = [file for package in OURS for file in modules(package) if file.name not in given]
    counts = Counter(file.parent.relative_to(REPO).as_posix() for file in files)
    crowded = {folder: count for folder, count in counts.items() if count > 15}
    assert crowded == {}
