"""A file too large for a form goes to the bucket in parts, from a real browser, and goes on where it stopped."""

import hashlib
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from pytest_django import DjangoDbBlocker

from infra.embedded.s3 import S3Server
from tests.browser.conftest import DESK, PHONE, NewPage, violations
from tests.browser.platform import Running, running_platform
from tests.browser.walking import sign_in_client

PART = 16 * 1024**2
# Retries wait for seconds; the sending itself does not use this clock.
IN_A_HURRY = """() => {
    const real = setTimeout;
    window.setTimeout = (act, ms, ...more) => real(act, Math.min(ms, 50), ...more);
}"""
AWAY = {"status": 503, "headers": {"Access-Control-Allow-Origin": "*"}}


@pytest.fixture(scope="module")
def bucket(tmp_path_factory: pytest.TempPathFactory) -> Iterator[S3Server]:
    with S3Server(tmp_path_factory.mktemp("bucket")) as server:
        server.store.make_bucket("files")
        yield server


@pytest.fixture(scope="module")
def with_bucket(
    django_db_setup: None,
    django_db_blocker: DjangoDbBlocker,
    tmp_path_factory: pytest.TempPathFactory,
    bucket: S3Server,
) -> Iterator[Running]:
    """The platform with demo agencies, whose files are in a bucket."""
    from tests.databases import cloned_database

    with (
        django_db_blocker.unblock(),
        cloned_database("bucket", template="empty") as database,
        running_platform(
            tmp_path_factory.mktemp("platform"),
            database,
            S3_BUCKET="files",
            S3_ENDPOINT_URL=bucket.address,
            AWS_ACCESS_KEY_ID=bucket.keys.access,
            AWS_SECRET_ACCESS_KEY=bucket.keys.secret,
        ) as running,
    ):
        yield running


@pytest.fixture
def film(tmp_path: Path) -> Path:
    """Two whole parts and a little."""
    path = tmp_path / "Opening film.mov"
    with path.open("wb") as file:
        file.write(b"\x00\x00\x00\x14ftypqt  \x00\x00\x00\x00qt  ")
        for number in range(2 * 16 + 1):
            file.write(hashlib.sha256(bytes([number])).digest() * (1024**2 // 32))
    return path


def _sent_parts(page: Page) -> list[int]:
    """Numbers of the parts that begin to be sent on this page from now on."""
    sent: list[int] = []

    def note(url: str) -> None:
        if found := re.search(r"[?&]partNumber=(\d+)", url):
            sent.append(int(found[1]))

    page.on("request", lambda request: note(request.url) if request.method == "PUT" else None)
    return sent


def _choose(platform: Running, page: Page, film: Path) -> None:
    page.goto(platform.address("northwind", "/files/"))
    page.get_by_role("link", name="From you").click()
    page.get_by_role("link", name="Upload", exact=True).click()
    page.locator("input[type=file]").set_input_files(film)


@pytest.mark.parametrize("size", [DESK, PHONE])
def test_a_store_that_went_away_is_told_and_the_rest_is_sent_later(
    with_bucket: Running, new_page: NewPage, film: Path, size: dict[str, int]
) -> None:
    page = new_page(size)
    sign_in_client(with_bucket, page, "northwind", "priya@brightside.example")
    _choose(with_bucket, page, film)
    page.evaluate(IN_A_HURRY)
    page.route(re.compile(r"partNumber=3\b"), lambda route: route.fulfill(**AWAY))
    sent = _sent_parts(page)
    page.get_by_role("button", name="Upload").click()
    told = page.get_by_text("The connection broke off. Press the button again to go on where it stopped.")
    expect(told).to_be_visible(timeout=30_000)
    assert sent == [1, 2, 3, 3, 3, 3]
    assert violations(page) == []
    page.unroute_all()
    _choose(with_bucket, page, film)  # the page was left; the file is chosen anew
    sent = _sent_parts(page)
    page.get_by_role("button", name="Upload").click()
    page.get_by_role("link", name="Opening film.mov").first.click(timeout=30_000)
    assert sent == [3]
    with page.expect_download() as download:
        page.get_by_role("link", name="Download").click()
    assert Path(download.value.path()).read_bytes() == film.read_bytes()
