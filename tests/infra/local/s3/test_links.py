"""Presigned links: whole and fresh ones open what they were made for, others nothing."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import boto3
import pytest
import requests
from botocore.config import Config

from tests.infra.local.endpoints import endpoint

ROWS = b"a,b\n" + b"1,2\n" * 500_000


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with endpoint(tmp_path_factory.mktemp("links") / "s3") as there:
        s3 = client(there.url)
        s3.create_bucket(Bucket="exports")
        for key in ("rows.csv", "ünï ☃/50%.csv"):
            s3.put_object(Bucket="exports", Key=key, Body=ROWS, ContentType="text/plain")
        yield there.url


def client(url: str, version: str = "s3v4", secret: str = "local") -> Any:
    config = Config(signature_version=version, s3={"addressing_style": "path"}, retries={"total_max_attempts": 1})
    return boto3.Session("local", secret, region_name="us-east-1").client("s3", endpoint_url=url, config=config)


def link(url: str, version: str = "s3v4", secret: str = "local", seconds: int = 60, **parameters: str) -> str:
    wanted = {"Bucket": "exports", "Key": "rows.csv", **parameters}
    return str(client(url, version, secret).generate_presigned_url("get_object", Params=wanted, ExpiresIn=seconds))


def refused(answer: requests.Response, status: int, code: str) -> bool:
    return (answer.status_code, answer.headers["Content-Type"]) == (status, "application/xml") and (
        f"<Code>{code}</Code>" in answer.text
    )


@pytest.mark.parametrize("version", ["s3v4", "s3"])
@pytest.mark.parametrize("key", ["rows.csv", "ünï ☃/50%.csv"])
def test_a_fresh_link_opens_its_object(url: str, version: str, key: str) -> None:
    answer = requests.get(link(url, version, Key=key), timeout=5)
    assert (answer.status_code, answer.content, answer.headers["Content-Type"]) == (200, ROWS, "text/plain")


@pytest.mark.parametrize("version", ["s3v4", "s3"])
def test_a_link_names_the_file_it_becomes(url: str, version: str) -> None:
    disposition = "attachment; filename=\"trips.csv\"; filename*=UTF-8''tr%C3%AFps.csv"
    said = {"ResponseContentDisposition": disposition, "ResponseContentType": "text/csv; charset=utf-8"}
    answer = requests.get(link(url, version, **said), timeout=5)
    assert answer.headers["Content-Disposition"] == disposition
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert answer.content == ROWS


@pytest.mark.parametrize(
    ("wanted", "content", "said"),
    [
        ("bytes=0-3", ROWS[:4], f"bytes 0-3/{len(ROWS)}"),
        ("bytes=1500000-", ROWS[1_500_000:], f"bytes 1500000-{len(ROWS) - 1}/{len(ROWS)}"),
        ("bytes=-5", ROWS[-5:], f"bytes {len(ROWS) - 5}-{len(ROWS) - 1}/{len(ROWS)}"),
    ],
)
def test_a_part_of_it(url: str, wanted: str, content: bytes, said: str) -> None:
    answer = requests.get(link(url), headers={"Range": wanted}, timeout=5)
    assert (answer.status_code, answer.content, answer.headers["Content-Range"]) == (206, content, said)


def test_a_part_that_is_not_there(url: str) -> None:
    answer = requests.get(link(url), headers={"Range": "bytes=9999999-"}, timeout=5)
    assert answer.status_code == 416


def test_its_head(url: str) -> None:
    head = client(url).generate_presigned_url("head_object", Params={"Bucket": "exports", "Key": "rows.csv"})
    answer = requests.head(head, timeout=5)
    assert (answer.status_code, answer.headers["Content-Length"], answer.content) == (200, str(len(ROWS)), b"")


def test_what_the_caller_has_already_is_not_sent_again(url: str) -> None:
    etag = requests.get(link(url), timeout=5).headers["ETag"]
    assert requests.get(link(url), headers={"If-None-Match": etag}, timeout=5).status_code == 304


def test_what_the_caller_has_already_is_still_under_his_other_conditions(url: str) -> None:
    etag = requests.get(link(url), timeout=5).headers["ETag"]
    conditions = {"If-None-Match": etag, "If-Match": '"another"'}
    assert requests.get(link(url), headers=conditions, timeout=5).status_code == 412


@pytest.mark.parametrize("version", ["s3v4", "s3"])
def test_an_expired_link_is_refused(url: str, version: str) -> None:
    answer = requests.get(link(url, version, seconds=0), timeout=5)
    assert refused(answer, 403, "AccessDenied")
    assert "<Message>Request has expired</Message>" in answer.text
    assert "<ServerTime>" in answer.text


@pytest.mark.parametrize("version", ["s3v4", "s3"])
@pytest.mark.parametrize(
    ("old", "new"), [("rows.csv", "other.csv"), ("trips.csv", "evil.exe"), ("Expires=60", "Expires=99999")]
)
def test_a_changed_link_is_refused(url: str, version: str, old: str, new: str) -> None:
    whole = link(url, version, ResponseContentDisposition="attachment; filename=trips.csv")
    if version == "s3":
        old, new = old.replace("Expires=60", "Expires="), new.replace("Expires=99999", "Expires=1")
    assert old in whole
    assert refused(requests.get(whole.replace(old, new), timeout=5), 403, "SignatureDoesNotMatch")


@pytest.mark.parametrize("version", ["s3v4", "s3"])
def test_a_link_for_reading_does_not_write(url: str, version: str) -> None:
    assert refused(requests.put(link(url, version), data=b"x", timeout=5), 403, "SignatureDoesNotMatch")
    assert refused(requests.delete(link(url, version), timeout=5), 403, "SignatureDoesNotMatch")


def test_a_link_signed_with_another_secret_is_refused(url: str) -> None:
    assert refused(requests.get(link(url, secret="guessed"), timeout=5), 403, "SignatureDoesNotMatch")


def test_no_signature_at_all_is_refused(url: str) -> None:
    assert refused(requests.get(f"{url}/exports/rows.csv", timeout=5), 403, "AccessDenied")
    assert refused(requests.get(f"{url}/exports", timeout=5), 403, "AccessDenied")
    assert refused(requests.put(f"{url}/exports/rows.csv", data=b"x", timeout=5), 403, "AccessDenied")


@pytest.mark.parametrize("missing", ["X-Amz-Date", "X-Amz-Expires", "X-Amz-Credential", "X-Amz-SignedHeaders"])
def test_an_incomplete_link_is_refused(url: str, missing: str) -> None:
    answer = requests.get(link(url).replace(missing, "x-other"), timeout=5)
    assert refused(answer, 400, "AuthorizationQueryParametersError")


def test_a_link_lasts_a_week_at_most(url: str) -> None:
    week = timedelta(days=7).total_seconds()
    assert requests.get(link(url, seconds=int(week)), timeout=5).status_code == 200
    assert refused(requests.get(link(url, seconds=int(week) + 1), timeout=5), 400, "AuthorizationQueryParametersError")


def test_an_object_that_is_gone(url: str) -> None:
    assert refused(requests.get(link(url, Key="gone"), timeout=5), 404, "NoSuchKey")


def test_dates_are_those_of_the_object_after_all(url: str) -> None:
    """A browser resumes a download by them."""
    said = requests.get(link(url), timeout=5).headers["Last-Modified"]
    moment = datetime.strptime(said, "%a, %d %b %Y %H:%M:%S GMT").replace(tzinfo=UTC)
    assert abs(datetime.now(UTC) - moment) < timedelta(minutes=5)
