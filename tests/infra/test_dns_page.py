"""The demo's DNS page: a visitor's records are answered by its name server at once."""

from __future__ import annotations

import http.client
import json
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import dns.message
import dns.query
import dns.rcode
import pytest
from playwright.sync_api import Page

from infra.embedded.dns_page import Serving

HOST = "portal.youragency.localhost"
TARGET = "abc123.to.localhost"


@pytest.fixture
def serving(tmp_path: Path) -> Iterator[Serving]:
    with _serving(tmp_path) as started:
        yield started


def _serving(folder: Path) -> Serving:
    return Serving(
        folder / "dns.json", platform="to.localhost", caa="ca.localhost", example="youragency.localhost"
    )


def _values(serving: Serving, name: str, kind: str = "A") -> list[str]:
    answer = dns.query.udp(dns.message.make_query(name, kind), "127.0.0.1", port=serving.dns_port, timeout=2)
    return [str(record) for records in answer.answer for record in records]


def _ask(
    serving: Serving, method: str, path: str, record: object = None, **headers: str
) -> tuple[int, dict[str, object]]:
    connection = http.client.HTTPConnection("127.0.0.1", serving.http_port, timeout=5)
    connection.request(method, path, json.dumps(record) if record is not None else None, headers)
    answer = connection.getresponse()
    words = answer.read()
    connection.close()
    is_json = answer.headers.get_content_type() == "application/json"
    return answer.status, json.loads(words) if is_json else {}


def test_a_record_is_added_as_at_a_registrar_and_answered_at_once(serving: Serving, page: Page) -> None:
    page.goto(f"http://localhost:{serving.http_port}/")
    here = page.locator("section", has_text="youragency.localhost").first
    here.get_by_role("textbox", name="Name").fill("portal")
    here.get_by_label("Value").fill(f"{TARGET}.")
    here.get_by_role("button", name="Add record").click()
    page.get_by_role("cell", name=TARGET).wait_for()
    assert _values(serving, HOST) == [f"{TARGET}.", "127.0.0.1"]
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.get_by_role("button", name=f"Delete CNAME {HOST}").click()
    page.get_by_text("No records yet").wait_for()
    assert _values(serving, HOST) == []


def test_what_was_typed_stays_when_it_is_refused(serving: Serving, page: Page, complaints: list[str]) -> None:
    page.goto(f"http://localhost:{serving.http_port}/")
    here = page.locator("section", has_text="youragency.localhost").first
    here.get_by_label("Type").select_option("A")
    here.get_by_role("textbox", name="Name").fill("portal")
    here.get_by_label("Value").fill("not an address")
    here.get_by_role("button", name="Add record").click()
    assert "IPv4 address" in page.get_by_role("alert").inner_text()
    assert here.get_by_label("Value").input_value() == "not an address"
    assert here.get_by_label("Type").input_value() == "A"
    complaints.clear()  # the browser's own line about status 422


def test_a_whole_name_is_not_given_the_domain_twice(serving: Serving, page: Page) -> None:
    page.goto(f"http://localhost:{serving.http_port}/")
    here = page.locator("section", has_text="youragency.localhost").first
    here.get_by_role("textbox", name="Name").fill(HOST)
    here.get_by_label("Value").fill(TARGET)
    here.get_by_role("button", name="Add record").click()
    page.get_by_role("cell", name=TARGET).wait_for()
    assert _values(serving, HOST)


def test_a_script_adds_a_record_and_its_domain_and_removes_it(serving: Serving) -> None:
    record = {"name": "_portal-verify.portal.other.co.uk", "type": "TXT", "value": "pv1-x y"}
    status, known = _ask(serving, "POST", "/dns.json", record)
    assert status == 201
    zones = known["zones"]
    assert isinstance(zones, dict)
    assert "other.co.uk" in zones
    assert _values(serving, record["name"], "TXT") == ['"pv1-x y"']
    path = f"/dns.json?name={record['name']}&type=TXT&value={quote(record['value'])}"
    assert _ask(serving, "DELETE", path)[0] == 204
    assert _ask(serving, "DELETE", path)[0] == 404


@pytest.mark.parametrize(
    "record",
    [
        {},
        [],
        {"name": "a b", "type": "A", "value": "127.0.0.1"},
        {"name": "a.test", "type": "A", "value": "::1"},
        {"name": "a.test", "type": "WHAT", "value": "x"},
        {"name": "test", "type": "TXT", "value": "x"},
        {"name": "x.to.localhost", "type": "CNAME", "value": "elsewhere.test"},
        {"name": "*.to.localhost", "type": "A", "value": "127.6.6.6"},
    ],
)
def test_a_record_that_cannot_be_is_refused_in_words(serving: Serving, record: object) -> None:
    status, said = _ask(serving, "POST", "/dns.json", record)
    assert (status, bool(said["error"])) == (422, True)
    assert _values(serving, "x.to.localhost") == ["127.0.0.1"]


def test_the_platforms_records_cannot_be_removed(serving: Serving) -> None:
    assert _ask(serving, "DELETE", "/dns.json?name=*.to.localhost")[0] == 422
    assert _values(serving, TARGET) == ["127.0.0.1"]
    assert _values(serving, TARGET, "CAA") == ['0 issue "ca.localhost"']


def test_a_web_page_elsewhere_cannot_change_records(serving: Serving) -> None:
    record = {"name": HOST, "type": "A", "value": "127.0.0.1"}
    for headers in ({"Origin": "https://elsewhere.example"}, {"Host": "elsewhere.example"}):
        assert _ask(serving, "POST", "/dns.json", record, **headers)[0] == 403
        assert _ask(serving, "DELETE", f"/dns.json?name={HOST}", **headers)[0] == 403
    assert _values(serving, HOST) == []


def test_records_and_domains_outlive_a_restart(tmp_path: Path) -> None:
    with _serving(tmp_path) as first:
        _ask(first, "POST", "/dns.json", {"name": HOST, "type": "CNAME", "value": TARGET})
        first.registrar.register("second.test")
    with _serving(tmp_path) as second:
        assert _values(second, HOST) == [f"{TARGET}.", "127.0.0.1"]
        assert second.registrar.domains() == ["second.test", "youragency.localhost"]
        second.registrar.give_up("second.test")
        assert second.registrar.domains() == ["youragency.localhost"]


def test_markup_in_a_record_is_shown_not_run(serving: Serving, page: Page) -> None:
    serving.registrar.add(HOST, "TXT", "<script>document.title='run'</script>")
    page.goto(f"http://localhost:{serving.http_port}/")
    assert page.title() == "DNS of the demo"
    assert page.get_by_role("cell", name="<script>").is_visible()
