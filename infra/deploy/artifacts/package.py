"""The functions' code as Lambda takes it: one zip, of the same bytes as long as nothing in it changes.

In it are `backend_lambdas` and the packages of `requirements/lambdas.lock`, as wheels for python3.13 on arm64. boto3 is
one of them, since the runtime's own is months behind; of the services that it knows only those travel that are used.
Bytecode for Lambda's Python travels with them, where that Python is here to make it.
The templates name the code by a folder, `CodeUri: ../build/lambda`, and `packaged` puts the zip's place in S3 there, as
`sam package` would. Used by `python -m infra.deploy`, which uploads both.
Source: AWS Lambda, "Working with .zip file archives for Python Lambda functions".
"""

import hashlib
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from infra.deploy.artifacts import bytecode
from infra.deploy.artifacts.archive import all_files_of, files_of, zipped
from infra.deploy.errors import DeployError

PREFIX = "lambdas/"
CODE_FOLDER = "../build/lambda"
"""What the templates call the code, while it is on no computer but this."""

PYTHON = "3.13"
_GLIBCS = ("manylinux2014", "manylinux_2_17", "manylinux_2_28", "manylinux_2_34")
"""What wheels may be made for: Lambda runs this Python on Amazon Linux 2023, whose glibc is 2.34."""


@dataclass(frozen=True)
class Target:
    """What the zip is made for: a release of Python, and what pip has to be told to install for it."""

    python: str
    pip_options: tuple[str, ...] = ()


LAMBDA = Target(
    PYTHON,
    (*(f"--platform={glibc}_aarch64" for glibc in _GLIBCS), "--implementation=cp", f"--python-version={PYTHON}"),
)
THIS_MACHINE = Target("{}.{}".format(*sys.version_info))
"""`make check-elsewhere` runs the functions on it."""

SERVICES = frozenset({"apigatewaymanagementapi", "cognito-idp", "dynamodb", "events", "redshift-data", "s3"})
"""What the functions make clients of."""

_MODELS = frozenset({"boto3/data", "botocore/data"})
"""Folders with a folder for each service."""

MAX_ZIPPED = 20_000_000
"""Bytes: Lambda takes 50 MB sent to itself and what S3 holds, but loads a small zip sooner at a cold start."""

MAX_UNPACKED = 262_144_000
"""Bytes that a function's code may have, 250 MB. Source: AWS Lambda, "Lambda quotas"."""

_PIP_SECONDS = 600
_OF_THIS_INSTALLATION = {"RECORD", "INSTALLER", "REQUESTED", "direct_url.json"}
"""What pip notes about itself and this machine."""


@dataclass(frozen=True)
class Package:
    """The zip: where it lies here, the digest of its bytes, and its key in the bucket, which has the digest in it.

    Without bytecode Lambda compiles the code at each start of a function.
    """

    path: Path
    sha256: str
    key: str
    has_bytecode: bool = False


def lambda_zip(repo: Path, out: Path, target: Target = LAMBDA) -> Package:
    """Writes `lambda.zip` into the folder `out`.

    Raises `DeployError` when a package cannot be had, and for more bytes than the functions may have.
    """
    with tempfile.TemporaryDirectory() as installed, tempfile.TemporaryDirectory() as folder:
        _install(repo / "requirements" / "lambdas.lock", Path(installed), target)
        _copy(_code(repo) | _packages(Path(installed)), Path(folder))
        python = bytecode.interpreter(target.python)
        has_bytecode = python is not None and bytecode.compile_all(python, Path(folder))
        files = all_files_of(Path(folder))
        _require_at_most(MAX_UNPACKED, sum(path.stat().st_size for path in files.values()), "unpacked")
        content = zipped(files)
    _require_at_most(MAX_ZIPPED, len(content), "zipped")
    out.mkdir(parents=True, exist_ok=True)
    path, sha256 = out / "lambda.zip", hashlib.sha256(content).hexdigest()
    path.write_bytes(content)
    return Package(path, sha256, f"{PREFIX}{sha256}.zip", has_bytecode)


def _copy(files: Mapping[str, Path], folder: Path) -> None:
    for name, path in files.items():
        place = folder / name
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, place)


def _require_at_most(limit: int, size: int, state: str) -> None:
    if size > limit:
        raise DeployError(
            f"The functions' code has {_megabytes(size)} MB {state}, and {_megabytes(limit)} MB are allowed: take what "
            "is not needed out of requirements/lambdas.lock and backend_lambdas. Nothing was uploaded."
        )


def _megabytes(size: int) -> str:
    """Enough digits to tell it from a limit that it is just over."""
    return f"{size / 1_000_000:.3f}".rstrip("0").rstrip(".")


def packaged(template: str, bucket: str, key: str) -> str:
    """A template's text with the zip's place where the code's folder stands; the same where there are no functions."""
    return template.replace(f"CodeUri: {CODE_FOLDER}\n", f"CodeUri: s3://{bucket}/{key}\n")


def _code(repo: Path) -> dict[str, Path]:
    return {f"backend_lambdas/{name}": path for name, path in files_of(repo / "backend_lambdas").items()}


def _packages(installed: Path) -> dict[str, Path]:
    """The packages' files, without the commands they bring, which name this machine's Python."""
    files = files_of(installed).items()
    return {name: path for name, path in files if _is_used(name) and not _is_of_this_installation(path)}


def _is_used(name: str) -> bool:
    """Whether a function may need a file of a package: no command, no example, no model of another service."""
    if name.startswith(("bin/", "boto3/examples/")):
        return False
    package, _, rest = name.partition("/data/")
    service, is_folder, _ = rest.partition("/")
    return f"{package}/data" not in _MODELS or not is_folder or service in SERVICES


def _is_of_this_installation(path: Path) -> bool:
    return path.parent.suffix == ".dist-info" and path.name in _OF_THIS_INSTALLATION


def _install(lock: Path, folder: Path, target: Target) -> None:
    """Every package of the lock, by its hash and as a wheel: a source package could run anything here."""
    strict = ["--only-binary=:all:", "--require-hashes", "--no-deps", "--no-compile"]
    quiet = ["--quiet", "--disable-pip-version-check", "--no-input"]
    command = [sys.executable, "-m", "pip", "install", *quiet, *strict, *target.pip_options]
    command += [f"--target={folder}", f"--requirement={lock}"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=_PIP_SECONDS, check=False)
    except subprocess.TimeoutExpired:
        raise DeployError(
            f"pip had not installed the functions' packages after {_PIP_SECONDS} s: run this again."
        ) from None
    if done.returncode:
        raise DeployError(f"pip cannot install the functions' packages: {_reason(done.stderr)}")


def _reason(said: str) -> str:
    """The last error that pip tells, since earlier ones may be about other indexes; without pip, what Python tells."""
    lines = said.strip().splitlines() or ["it does not say why"]
    errors = [line for line in lines if line.startswith("ERROR: ")]
    return (errors or lines)[-1].removeprefix("ERROR: ")
