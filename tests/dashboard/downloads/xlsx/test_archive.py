"""The ZIP file that leaves while it is written."""

import io
import random
from collections.abc import Iterator
from zipfile import ZipFile

from dashboard.downloads.xlsx.archive import Archive


def test_what_left_piece_by_piece_is_a_whole_zip_file() -> None:
    archive = Archive()
    sent = [*archive.add("a.xml", [b"<a", b"/>"]), *archive.add("b.xml", [b"<b/>" * 100_000]), *archive.end()]
    with ZipFile(io.BytesIO(b"".join(sent))) as read:
        assert read.testzip() is None
        assert {name: len(read.read(name)) for name in read.namelist()} == {"a.xml": 4, "b.xml": 400_000}


def test_no_piece_is_empty() -> None:
    """An empty piece would end a chunked answer."""
    archive = Archive()
    assert all([*archive.add("a.xml", [b"", b"x", b""]), *archive.end()])


def test_what_was_written_leaves_before_more_is_asked_for() -> None:
    asked: list[int] = []

    def content() -> Iterator[bytes]:
        for number in range(100):
            asked.append(number)
            yield random.Random(number).randbytes(100_000)

    sending = Archive().add("a.xml", content())
    for _ in range(3):
        next(sending)
    assert len(asked) < 10


def test_no_entry_has_the_form_of_larger_files_that_excel_wants_to_repair() -> None:
    archive = Archive()
    sent = b"".join([*archive.add("a.xml", [b"x"]), *archive.end()])
    with ZipFile(io.BytesIO(sent)) as read:
        (entry,) = read.infolist()
    assert entry.extract_version == 20
    assert entry.extra == b""
