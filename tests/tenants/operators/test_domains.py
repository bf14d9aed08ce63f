"""Operators see every domain, and may look, try, block and unblock with a reason."""

from datetime import timedelta

import pytest
from django.test import Client as Browser

from kit import clock
from tenants.accounts.models import Account
from tenants.agencies.current import CurrentAgency
from tenants.agencies.models import Agency
from tenants.certificates.models import Bundle, Order
from tenants.domains.models import Domain, DomainState
from tenants.operators.models import Entry
from tests.cast import console_browser, platform_browser
from tests.portal.addresses.claims import make_bundle, make_claim, one_of_each
from tests.running_jobs import queued

S = DomainState
HOST = "portal.northwind.com"
REASON = "Reported as phishing"


def hosts_in(browser: Browser, query: str = "") -> list[str]:
    """The names in the list, from top to bottom."""
    return [row.host for row in browser.get(f"/operators/domains/?{query}").context["page"]]


def act(browser: Browser, domain: Domain, what: str, reason: str = REASON) -> int:
    return browser.post(f"/operators/domains/{domain.pk}/{what}/", {"reason": reason}).status_code


def test_the_list_has_every_state_and_every_page_opens(
    northwind: CurrentAgency, otto_browser: Browser
) -> None:
    every = one_of_each(Agency.objects.get(pk=northwind.id))
    page = otto_browser.get("/operators/domains/").content.decode()
    for domain in every.values():
        assert domain.get_state_display() in page
        assert otto_browser.get(f"/operators/domains/{domain.pk}/").status_code == 200


def test_names_are_found_by_host_agency_and_state(
    northwind: CurrentAgency, harbour: CurrentAgency, otto_browser: Browser
) -> None:
    make_claim(northwind.id, HOST, S.ACTIVE)
    make_claim(harbour.id, "portal.harbour.com", S.ISSUE_RETRY)
    for query in (
        "q=PORTAL.north",
        "q=northwind+stu",
        "state=active",
        "q=north&state=active&order=certificate",
    ):
        assert hosts_in(otto_browser, query) == [HOST], query
    assert hosts_in(otto_browser, "state=look") == ["portal.harbour.com"]
    assert hosts_in(otto_browser, f"agency={harbour.id}") == ["portal.harbour.com"]
    for query in (
        "q=%00",
        "state=x",
        "order=x",
        "agency=x",
        "agency=9" + "9" * 30,
        "page=-1",
        "q=" + "x" * 900,
        "state=look&order=next",
    ):
        assert otto_browser.get(f"/operators/domains/?{query}").status_code == 200, query
    assert "No domain found" in otto_browser.get("/operators/domains/?q=nothing").content.decode()


def test_the_list_can_begin_with_the_certificate_that_ends_first(
    northwind: CurrentAgency, otto_browser: Browser
) -> None:
    for number, days in enumerate((40, 2, 20)):
        make_claim(northwind.id, f"p{number}.northwind.com", S.ACTIVE)
        make_bundle(f"p{number}.northwind.com", days=days)
    make_claim(northwind.id, "none.northwind.com")
    found = [host.partition(".")[0] for host in hosts_in(otto_browser, "order=certificate")]
    assert found == ["p1", "p2", "p0", "none"]


def test_a_claim_that_no_worker_takes_needs_a_look(northwind: CurrentAgency, otto_browser: Browser) -> None:
    make_claim(northwind.id, HOST, next_try_at=clock.now() - timedelta(minutes=16))
    make_claim(northwind.id, "b.northwind.com", next_try_at=clock.now() - timedelta(minutes=1))
    assert hosts_in(otto_browser, "state=look") == [HOST]


def test_its_page_has_orders_timeline_rivals_and_the_report(
    northwind: CurrentAgency, harbour: CurrentAgency, otto_browser: Browser
) -> None:
    domain = make_claim(northwind.id, HOST, S.ISSUE_RETRY, problem="caa", problem_detail="forbidden by CAA")
    rival = make_claim(harbour.id, HOST)
    Order.objects.create(
        host=HOST, directory="https://ca.example/directory", state="failed", sealed_key=b"secret-bytes",
        key_name="k1", problem="caa", problem_detail="CAA prevents issuance",
    )  # fmt: skip
    page = otto_browser.get(f"/operators/domains/{domain.pk}/").content.decode()
    for said in (
        "forbidden by CAA",
        "CAA prevents issuance",
        "ca.example",
        "alice@northwind.example",
        "claimed",
    ):
        assert said in page
    assert f"/operators/domains/{rival.pk}/" in page and "secret-bytes" not in page


def test_a_block_needs_a_reason_ends_the_service_and_is_in_the_log(
    northwind: CurrentAgency, otto: Account, otto_browser: Browser, alice: Account
) -> None:
    domain = make_claim(northwind.id, HOST, S.ACTIVE)
    assert act(otto_browser, domain, "block", reason="") == 422
    assert not Entry.objects.exists() and Domain.objects.get().state == S.ACTIVE
    assert act(otto_browser, domain, "block") == 302
    assert Domain.objects.get().state == S.BLOCKED and not Bundle.objects.exists()
    entry = Entry.objects.get()
    assert (entry.verb, entry.before, entry.after, entry.reason, entry.operator, entry.agency_id) == (
        "domain block", "Active", HOST, REASON, otto.email, northwind.id,
    )  # fmt: skip
    page = console_browser(alice).get(f"/northwind/branding/domain/{domain.pk}/").content.decode()
    assert REASON in page and otto.email not in page
    assert act(otto_browser, domain, "unblock", reason="It was a mistake") == 302
    assert Domain.objects.get().state == S.PENDING_DNS and Entry.objects.count() == 2
    assert REASON in otto_browser.get("/operators/log/").content.decode()


@pytest.mark.parametrize(("state", "what"), [(S.PENDING_DNS, "check"), (S.ISSUE_RETRY, "retry")])
def test_a_look_or_a_try_is_queued_at_once(
    northwind: CurrentAgency, otto_browser: Browser, state: DomainState, what: str
) -> None:
    domain = make_claim(northwind.id, HOST, state)
    assert act(otto_browser, domain, what, reason="They called") == 302
    assert queued() == ["domains.step"] and Entry.objects.get().verb == f"domain {what}"


@pytest.mark.parametrize("what", ["check", "block", "unblock"])
def test_what_its_state_does_not_allow_is_refused_and_leaves_no_entry(
    northwind: CurrentAgency, otto_browser: Browser, what: str
) -> None:
    domain = make_claim(northwind.id, HOST, S.REMOVED, next_try_at=None)
    assert act(otto_browser, domain, what) == 422
    assert not Entry.objects.exists() and queued() == []


def test_to_everybody_else_the_pages_do_not_exist(northwind: CurrentAgency, alice: Account) -> None:
    domain = make_claim(northwind.id, HOST, S.ACTIVE)
    for browser in (console_browser(alice), console_browser()):
        for path in ("domains/", f"domains/{domain.pk}/", "certificates/"):
            assert browser.get(f"/operators/{path}").status_code == 404, path
        assert act(browser, domain, "block") == 404
    assert platform_browser().get("/operators/domains/").status_code == 404
    assert Domain.objects.get().state == S.ACTIVE


def test_what_does_not_exist_is_not_found(otto_browser: Browser) -> None:
    for path in ("domains/999999/", "domains/99999999999999999999/", "domains/x/"):
        assert otto_browser.get(f"/operators/{path}").status_code == 404
    assert otto_browser.post("/operators/domains/999999/block/", {"reason": "x"}).status_code == 404
    assert otto_browser.get("/operators/domains/1/block/").status_code == 405
    assert otto_browser.post("/operators/domains/1/explode/").status_code == 404
