"""The functions' zip: the same bytes twice, small, for Lambda's processor, complete, and nothing else in it."""

import ast
import importlib.util
import io
import os
import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path, PurePosixPath

import pytest

from infra.deploy.artifacts import bytecode
from infra.deploy.artifacts import package as package_module
from infra.deploy.artifacts.archive import zipped
from infra.deploy.artifacts.package import (
    CODE_FOLDER,
    MAX_UNPACKED,
    MAX_ZIPPED,
    PYTHON,
    SERVICES,
    Package,
    lambda_zip,
    packaged,
)
from infra.deploy.errors import DeployError
from infra.local.cloudformation.intrinsics import load
from infra.local.cloudformation.stack import Stack
from tests.infra.test_templates import GIVEN
from tests.infra.webapp import REPO

LOCK = REPO / "requirements" / "lambdas.lock"
SIGN_IN = {"DomainPrefix": "pushboard", "AllowedEmailDomains": "example.com"}
AARCH64 = 183
"""ELF's number of the processor."""


def pins(lock: Path) -> dict[str, str]:
    """Each package of a lock with its version, and its marker."""
    return dict(re.findall(r"^([a-z0-9-]+)(?:\[[a-z,]+\])?==([^\\]+?) *\\?$", lock.read_text(), re.MULTILINE))


def _imported(node: ast.AST) -> list[str]:
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    return [node.module] if isinstance(node, ast.ImportFrom) and node.module and not node.level else []


@pytest.fixture(scope="module")
def reachable(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Skips where no package can be had at all: without a network, and without packages beside."""
    wanted = f"pyjwt=={pins(LOCK)['pyjwt']}"
    command = [sys.executable, "-m", "pip", "download", "--no-deps", "--retries=0", "--timeout=10", wanted]
    folder = tmp_path_factory.mktemp("one-wheel")
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=60, check=False)
    if done.returncode:
        pytest.skip(f"no package index can be reached: {done.stderr.splitlines()[-1]}")


@pytest.fixture(scope="module")
def package(reachable: None, tmp_path_factory: pytest.TempPathFactory) -> Package:
    return lambda_zip(REPO, tmp_path_factory.mktemp("build"))


@pytest.fixture(scope="module")
def content(package: Package) -> dict[str, bytes]:
    with zipfile.ZipFile(package.path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def checkout(folder: Path) -> Path:
    """A copy of what the zip is made from, with one package: how it is put in is the same for each."""
    shutil.copytree(REPO / "backend_lambdas", folder / "backend_lambdas", copy_function=shutil.copyfile)
    (folder / "requirements").mkdir()
    (entry,) = re.findall(r"^pyjwt.*?(?=^[a-z])", LOCK.read_text(), re.MULTILINE | re.DOTALL)
    (folder / "requirements" / "lambdas.lock").write_text(entry)
    return folder


class TestZip:
    def test_it_is_the_same_when_made_again_elsewhere_at_another_time(self, reachable: None, tmp_path: Path) -> None:
        first = lambda_zip(checkout(tmp_path / "checkout"), tmp_path / "build")
        copy = checkout(tmp_path / "another checkout")
        compiled = copy / "backend_lambdas" / "runs" / "__pycache__"
        compiled.mkdir(exist_ok=True)
        (compiled / "run_table.cpython-314.pyc").write_bytes(b"compiled")
        (copy / "backend_lambdas" / "runs" / "run_table.py").chmod(0o600)
        os.utime(copy / "backend_lambdas" / "runs" / "run_table.py", (0, 0))
        again = lambda_zip(copy, tmp_path / "another build")
        assert again.path.read_bytes() == first.path.read_bytes()
        assert (again.sha256, again.key) == (first.sha256, first.key)

    def test_its_key_tells_its_content(self, package: Package) -> None:
        assert package.key == f"lambdas/{package.sha256}.zip"
        assert re.fullmatch("[0-9a-f]{64}", package.sha256)

    def test_it_is_small(self, package: Package, content: dict[str, bytes]) -> None:
        """Lambda takes 50 MB of zip and 250 MB unpacked, but loads a small one sooner."""
        assert package.path.stat().st_size < MAX_ZIPPED
        assert sum(map(len, content.values())) < 60_000_000

    def test_every_handler_is_in_it(self, content: dict[str, bytes]) -> None:
        backend = Stack.read(REPO / "infra/backend-setup.yaml", GIVEN)
        sign_in = Stack.read(REPO / "infra/cognito-setup.yaml", SIGN_IN)
        functions = [one for stack in (backend, sign_in) for one in stack.resources("AWS::Serverless::Function")]
        modules = {one.properties["Handler"].rpartition(".")[0] for one in functions}
        assert len(modules) > 10
        assert {f"{module.replace('.', '/')}.py" for module in modules} <= set(content)

    def test_our_code_is_in_it_as_it_is_here(self, content: dict[str, bytes]) -> None:
        ours = {
            name: text
            for name, text in content.items()
            if name.startswith("backend_lambdas/") and not name.endswith(".pyc")
        }
        assert ours == {
            path.relative_to(REPO).as_posix(): path.read_bytes() for path in (REPO / "backend_lambdas").rglob("*.py")
        }

    def test_every_package_of_the_lock_is_in_it_and_no_other(self, content: dict[str, bytes]) -> None:
        found = {name.split("/")[0] for name in content if ".dist-info/" in name}
        names = {folder.removesuffix(".dist-info").rsplit("-", 1)[0].replace("_", "-").lower() for folder in found}
        assert names == set(pins(LOCK))
        assert {"boto3", "botocore"} <= names, "the runtime's own may not know a member that is used"

    def test_of_the_services_only_those_travel_that_are_used(self, content: dict[str, bytes]) -> None:
        models = {name.split("/")[2] for name in content if name.startswith("botocore/data/") and name.count("/") > 2}
        assert models == SERVICES
        made = re.compile(r'\bclient\("([a-z0-9-]+)"|\.resource\("([a-z0-9-]+)"')
        sources = [name for name in content if name.startswith("backend_lambdas/") and name.endswith(".py")]
        code = "\n".join(content[name].decode() for name in sources)
        assert {one or other for one, other in made.findall(code)} == SERVICES

    def test_with_it_alone_every_client_is_made_and_knows_what_is_asked(self, package: Package, tmp_path: Path) -> None:
        """By a Python that has nothing else: what is left out is missed by nobody."""
        with zipfile.ZipFile(package.path) as archive:
            archive.extractall(tmp_path)
        script = (
            "import boto3; session = boto3.session.Session(region_name='eu-central-2'); "
            f"clients = [session.client(name) for name in {sorted(SERVICES)}]; session.resource('dynamodb'); "
            "model = session.client('redshift-data').meta.service_model.operation_model('ExecuteStatement'); "
            "print(boto3.__file__, 'WaitTimeSeconds' in model.input_shape.members)"
        )
        environment = {"PYTHONPATH": str(tmp_path), "AWS_ACCESS_KEY_ID": "a", "AWS_SECRET_ACCESS_KEY": "b"}
        command = [sys.executable, "-S", "-c", script]
        done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=False)
        assert done.stdout.split() == [str(tmp_path / "boto3" / "__init__.py"), "True"], done.stderr

    def test_whatever_our_code_imports_is_in_it(self, content: dict[str, bytes]) -> None:
        there = {name.split("/")[0].split(".")[0] for name in content}
        imported = {
            name.split(".")[0]
            for file in (REPO / "backend_lambdas").rglob("*.py")
            for node in ast.walk(ast.parse(file.read_text()))
            for name in _imported(node)
        }
        assert {"yaml", "jwt", "msgspec", "boto3"} <= imported
        assert imported - sys.stdlib_module_names <= there

    def test_what_is_compiled_is_for_lambdas_processor_and_python(self, content: dict[str, bytes]) -> None:
        libraries = {name: code for name, code in content.items() if name.endswith(".so")}
        assert len(libraries) >= 3
        for name, code in libraries.items():
            assert code[:4] == b"\x7fELF", name
            assert int.from_bytes(code[18:20], "little") == AARCH64, name
            assert re.search(r"\.(cpython-313-aarch64-linux-gnu|abi3)\.so$", name), name

    def test_nothing_in_it_is_of_this_machine(self, content: dict[str, bytes]) -> None:
        assert [name for name in content if name.endswith(("/RECORD", "/INSTALLER")) or "bin/" in name] == []
        assert not [name for name in content if name.endswith(".pyc") and ".cpython-313." not in name]

    def test_anybody_may_read_it_and_it_has_no_times(self, package: Package) -> None:
        with zipfile.ZipFile(package.path) as archive:
            entries = archive.infolist()
        assert {entry.external_attr >> 16 for entry in entries} == {0o100644}
        assert {entry.date_time for entry in entries} == {(1980, 1, 1, 0, 0, 0)}
        assert [entry.filename for entry in entries] == sorted(entry.filename for entry in entries)


class TestBytecode:
    """Without it Lambda compiles everything at each start. Here this Python stands for Lambda's."""

    @pytest.fixture
    def code(self, tmp_path: Path) -> Path:
        (tmp_path / "package").mkdir()
        (tmp_path / "package" / "module.py").write_text("def where():\n    raise ValueError('here')\n")
        return tmp_path

    def compiled(self, code: Path) -> bytes:
        (path,) = code.rglob("*.pyc")
        assert path.parent == code / "package" / "__pycache__"
        return path.read_bytes()

    def test_it_is_taken_without_a_look_at_the_source(self, code: Path) -> None:
        """Times in a zip are nobody's, and Lambda's Python would compare them."""
        assert bytecode.compile_all(sys.executable, code)
        head = self.compiled(code)
        assert head[:4] == importlib.util.MAGIC_NUMBER
        assert int.from_bytes(head[4:8], "little") == 0b01, "by a hash, and unchecked"

    def test_it_tells_the_place_that_the_code_has_on_lambda(self, code: Path) -> None:
        bytecode.compile_all(sys.executable, code)
        assert b"/var/task/package/module.py" in self.compiled(code)
        assert str(code).encode() not in self.compiled(code)

    def test_what_cannot_be_compiled_is_told(self, code: Path) -> None:
        (code / "package" / "broken.py").write_text("def")
        assert not bytecode.compile_all(sys.executable, code)

    def test_a_python_of_another_release_is_not_taken(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("PATH", str(tmp_path))
        own = f"{sys.version_info[0]}.{sys.version_info[1]}"
        assert bytecode.interpreter(own) == sys.executable
        assert bytecode.interpreter("3.99") is None
        for text in ("echo 3.98", "exit 127"):
            path = tmp_path / "python3.99"
            path.write_text(f"#!/bin/sh\n{text}\n")
            path.chmod(0o755)
            assert bytecode.interpreter("3.99") is None
        path.write_text("#!/bin/sh\necho 3.99\n")
        assert bytecode.interpreter("3.99") == str(path)

    def test_each_module_of_the_zip_has_it_where_lambdas_python_is_here(
        self, package: Package, content: dict[str, bytes]
    ) -> None:
        modules = {name for name in content if name.endswith(".py")}
        expected = {f"{path.parent}/__pycache__/{path.stem}.cpython-313.pyc" for path in map(PurePosixPath, modules)}
        found = {name for name in content if name.endswith(".pyc")}
        there = bytecode.interpreter(PYTHON) is not None
        assert package.has_bytecode is there
        assert found == ({name.removeprefix("./") for name in expected} if there else set())


class TestLock:
    def test_its_packages_do_not_depend_on_who_reads_it(self) -> None:
        """pip judges markers by the Python it runs on, which need not be Lambda's."""
        markers = {value.split(";")[1] for value in pins(LOCK).values() if ";" in value}
        variables = set(re.findall(r"\b(\w+) *[!=<>]=?", " ".join(markers)))
        assert variables <= {"platform_python_implementation", "implementation_name"}

    def test_a_package_with_another_content_is_refused(self, reachable: None, tmp_path: Path) -> None:
        (tmp_path / "requirements").mkdir()
        wanted = f"pyjwt=={pins(LOCK)['pyjwt']} --hash=sha256:{'0' * 64}\n"
        (tmp_path / "requirements" / "lambdas.lock").write_text(wanted)
        with pytest.raises(DeployError, match=r"pip cannot install the functions' packages: .*HASH"):
            lambda_zip(tmp_path, tmp_path)
        assert not (tmp_path / "lambda.zip").exists()

    def test_a_python_without_pip_is_told(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        python = tmp_path / "python"
        python.write_text("#!/bin/sh\necho 'python: No module named pip' >&2\nexit 1\n")
        python.chmod(0o755)
        monkeypatch.setattr(sys, "executable", str(python))
        with pytest.raises(DeployError, match="packages: python: No module named pip"):
            lambda_zip(REPO, tmp_path)


class TestLimits:
    """By packages of a size; nothing is written, and so nothing uploaded."""

    @pytest.mark.parametrize(
        ("size", "state", "sentence"),
        [
            (MAX_UNPACKED + 1, "unpacked", "and 262.144 MB are allowed"),
            (2_000_000, "zipped", "and 2 MB are allowed"),
        ],
    )
    def test_code_over_a_limit_is_one_sentence(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, size: int, state: str, sentence: str
    ) -> None:
        monkeypatch.setattr(package_module, "MAX_ZIPPED", 2_000_000)
        monkeypatch.setattr(
            package_module, "_install", lambda _lock, folder, _target: _fill(folder / "big.bin", size, state)
        )
        with pytest.raises(
            DeployError, match=rf"code has [\d.]+ MB {state}, {sentence}: take what is not needed"
        ) as error:
            lambda_zip(REPO, tmp_path / "build")
        assert "\n" not in str(error.value)
        assert not (tmp_path / "build").exists()

    def test_what_lambda_takes_is_more_than_we_allow(self) -> None:
        assert MAX_ZIPPED < 50_000_000
        assert MAX_UNPACKED == 250 * 1024 * 1024


def _fill(path: Path, size: int, state: str) -> None:
    """Bytes that no zip makes smaller, where its own size matters; else a hole, which takes no room on the disk."""
    if state == "zipped":
        path.write_bytes(os.urandom(size))
        return
    with path.open("wb") as file:
        file.truncate(size)


class TestPackaged:
    @pytest.mark.parametrize("name", ["backend", "cognito"])
    def test_a_template_then_names_the_zip(self, name: str, tmp_path: Path) -> None:
        text = (REPO / "infra" / f"{name}-setup.yaml").read_text()
        (tmp_path / "packaged.yaml").write_text(packaged(text, "artifacts", "lambdas/1.zip"))
        document = load(tmp_path / "packaged.yaml")
        assert document["Globals"]["Function"]["CodeUri"] == "s3://artifacts/lambdas/1.zip"
        assert CODE_FOLDER not in (tmp_path / "packaged.yaml").read_text(), "else its functions have no code"
        assert not [one for one in document["Resources"].values() if "CodeUri" in one.get("Properties", {})]

    @pytest.mark.parametrize("name", ["artifacts", "webapp"])
    def test_one_without_functions_stays_as_it_is(self, name: str) -> None:
        text = (REPO / "infra" / f"{name}-setup.yaml").read_text()
        assert packaged(text, "artifacts", "lambdas/1.zip") == text


def test_a_zip_tells_neither_rights_nor_order(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("1")
    (tmp_path / "b").write_text("2")
    before = zipped({"a": tmp_path / "a", "b": tmp_path / "b"})
    (tmp_path / "a").chmod(0o700)
    assert zipped({"b": tmp_path / "b", "a": tmp_path / "a"}) == before
    with zipfile.ZipFile(io.BytesIO(before)) as archive:
        assert (archive.namelist(), archive.read("b")) == (["a", "b"], b"2")
