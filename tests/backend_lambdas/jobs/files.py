"""Job files for tests: one that is right, and what differs from it."""

from backend_lambdas.jobs import job_file
from backend_lambdas.jobs.job_file import BrokenJob, Job

PATH = "operations/load_month.sql"
DELETE = "-- step: Clear\nDELETE FROM trips WHERE month = :month"
COPY = "-- step: Load\nCOPY trips FROM '${JOBS_DATA_S3_PATH}{month}/' IAM_ROLE ${REDSHIFT_IAM_ROLE} FORMAT PARQUET"
CHECK = "-- check: Rows arrived\nSELECT count(*) > 0 FROM trips WHERE month = :month"
MONTH = "parameters:\n  month: {type: month, default: 2015-12}\n"
DEPLOYMENT = {"JOBS_DATA_S3_PATH": "s3://data/trips/", "REDSHIFT_IAM_ROLE": "default"}


def text(keys: str, *steps: str) -> str:
    """A file with a title, these keys and these steps; the first key is on line 3."""
    return f"/*---\ntitle: One\n{keys}---*/\n" + ";\n".join(steps) + ";\n"


WHOLE = text(f"{MONTH}groups: [operations]\nwrites: [trips]\n", DELETE, COPY, CHECK)


def job(content: str = WHOLE, path: str = PATH) -> Job:
    """The job of a file without mistakes."""
    loaded = job_file.load(path, content)
    assert isinstance(loaded, Job), loaded
    return loaded


def broken(content: str, path: str = PATH) -> BrokenJob:
    """The mistake of a file that has one."""
    loaded = job_file.load(path, content)
    assert isinstance(loaded, BrokenJob), loaded
    return loaded


def one_step(sql: str, writes: str = "[t]", keys: str = "") -> str:
    """A file whose one statement begins on line 6, or later if there are keys."""
    return text(f"{keys}writes: {writes}\n", f"-- step: One\n{sql}")
