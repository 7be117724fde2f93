"""What `${NAME}` stands for in scripts. Each value is checked, since it becomes SQL text.

Used by `setup_redshift` and `load_redshift`; `script_files` puts the values in their places.
"""

import re

from backend_lambdas.scripts.script_files import ScriptFailed
from backend_lambdas.settings import LoadRedshift, SetupRedshift

_USER_NAME = re.compile(r"[a-z][a-z0-9_]{0,62}|IAMR:[\w+=,.@-]{1,64}", re.ASCII)
_DATABASE = re.compile(r"[\w-]{1,127}", re.ASCII)
_ROLE = re.compile(r"default|arn:aws[a-z-]*:iam::\d{12}:role/[\w+=,.@/-]+")
_S3_PATH = re.compile(r"s3://[a-z0-9.-]+/[\w./=-]*", re.ASCII)
_SWITCH = re.compile(r"true|false")


def of_setup(settings: SetupRedshift) -> dict[str, str]:
    """The values for `sql/setup`. Raises `ScriptFailed`.

    User and database stand in quotes: a user that IAM derives from a role has a colon in its name. What is to be
    revoked from PUBLIC is empty unless that is wanted, which leaves out the script that asks for it.
    """
    _require("DB_USERNAME", settings.db_username, _USER_NAME)
    _require("DATABASE", settings.database, _DATABASE)
    _require("REVOKE_PUBLIC_CREATE", settings.revoke_public_create, _SWITCH)
    _require("JOBS_DB_USERNAME", settings.jobs_db_username, _USER_NAME)
    return {
        "DB_USERNAME": f'"{settings.db_username}"',
        "JOBS_DB_USERNAME": f'"{settings.jobs_db_username}"',
        "DATABASE": f'"{settings.database}"',
        "STATEMENT_TIMEOUT": str(settings.statement_timeout_seconds * 1000),
        "REVOKED_FROM_PUBLIC": "CREATE" if settings.revoke_public_create == "true" else "",
    }


def of_load(settings: LoadRedshift) -> dict[str, str]:
    """The values for `sql/load`. Raises `ScriptFailed`."""
    role = settings.redshift_iam_role
    _require("REDSHIFT_IAM_ROLE", role, _ROLE)
    _require("SAMPLE_DATA_S3_PATH", settings.sample_data_s3_path, _S3_PATH)
    return {
        "REDSHIFT_IAM_ROLE": role if role == "default" else f"'{role}'",
        "SAMPLE_DATA_S3_PATH": settings.sample_data_s3_path,
    }


def _require(name: str, value: str, form: re.Pattern[str]) -> None:
    if not form.fullmatch(value):
        raise ScriptFailed(f"{name} has a value that cannot stand in a script: {value!r}")
