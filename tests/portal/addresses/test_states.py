"""Each state of a claim has its page: what is so, what to do, what happens next."""

import re
from dataclasses import replace
from datetime import timedelta

import pytest

from kit import clock
from portal.addresses.words import STATES, TXT_REASONS
from portal.people.models import Staff
from tenants.accounts.models import Account, Membership, Role
from tenants.agencies.current import CurrentAgency, inside
from tenants.agencies.models import Agency
from tenants.certificates.models import Bundle
from tenants.domains import targets
from tenants.domains.models import Domain, DomainState, TxtReason
from tenants.plans import Plan
from tests.cast import console_browser
from tests.portal.addresses.claims import good_report, make_bundle, make_claim, one_of_each, wrong_report

S = DomainState
HOST = "portal.northwind.com"


def page_of(account: Account, domain: Domain, *, slug: str = "northwind") -> str:
    """The main part of a claim's page."""
    response = console_browser(account).get(f"/{slug}/branding/domain/{domain.pk}/")
    assert response.status_code == 200
    text = response.content.decode()
    return text[text.index("<main") : text.index("</main>")]


def words(html: str) -> str:
    """The page's text with single spaces."""
    return " ".join(re.sub(r"<[^>]+>", " ", html).split())


def test_a_fresh_claim_shows_the_record_by_its_short_and_its_whole_name(
    northwind: CurrentAgency, alice: Account
) -> None:
    page = page_of(alice, make_claim(northwind.id, HOST))
    assert ">portal</code>" in page and f">{HOST}</code>" in page and targets.of(northwind.id) in page
    assert page.count("data-copy=") == 3
    assert "Add this at your DNS provider" in page and "Verify now" in page and "TXT" not in page
    assert "In the DNS settings of <b>northwind.com</b>" in page


def test_what_is_wrong_comes_first_with_every_server_that_was_asked(
    northwind: CurrentAgency, alice: Account
) -> None:
    report = wrong_report("northwind.com", northwind.id).to_json()
    page = page_of(alice, make_claim(northwind.id, HOST, report=report, checked_at=clock.now()))
    assert page.index("What we found") < page.index("What to add")
    for said in (
        "ns11.domaincontrol.com",
        "did not answer in time",
        "8.8.8.8",
        "SERVFAIL",
        "at GoDaddy",
        "2001:db8::7",
    ):
        assert said in page
    assert "Not found yet" in page and "Last looked at" in page and "Next look" in page


def test_a_caa_record_to_add_comes_with_copy_buttons(northwind: CurrentAgency, alice: Account) -> None:
    report = replace(
        good_report("northwind.com"), caa="forbid", caa_at="northwind.com", caa_problem="issuer",
        caa_records=('0 issue "other-ca.example"',),
    )  # fmt: skip
    page = page_of(alice, make_claim(northwind.id, HOST, report=report.to_json(), checked_at=clock.now()))
    assert "0 issue &quot;" in page and 'data-copy="#caa_forbids-1-value"' in page
    live = make_claim(northwind.id, "live.northwind.com", S.ACTIVE, report=report.to_json())
    assert "caa_forbids" not in page_of(alice, live)
    Domain.objects.filter(pk=live.pk).update(problem="caa")
    assert 'data-copy="#caa_forbids-1-value"' in page_of(alice, live)


@pytest.mark.parametrize(
    ("reason", "said"),
    [
        (TxtReason.ALREADY_POINTED, "already led to us"),
        (TxtReason.ALSO_CLAIMED, "Another agency has entered"),
        (TxtReason.PAST_OWNER, "within the last 90 days"),
        (TxtReason.WILDCARD, "every name below it"),
        (TxtReason.BY_ADDRESS, "address that all portals share"),
    ],
)
def test_a_claim_that_needs_a_txt_record_says_why(
    northwind: CurrentAgency, alice: Account, reason: TxtReason, said: str
) -> None:
    domain = make_claim(northwind.id, HOST, txt_reason=reason, report=good_report("northwind.com").to_json())
    page = page_of(alice, domain)
    assert domain.proof in page and "_portal-verify.portal</code>" in page and said in page
    assert "Now the proof that it is yours" in page and "Found" in page


def test_every_reason_and_every_state_has_words() -> None:
    assert set(TXT_REASONS) == set(TxtReason.values) - {""}
    assert set(STATES) == set(DomainState.values)


def test_the_zones_own_name_is_led_here_without_a_cname(northwind: CurrentAgency, alice: Account) -> None:
    page = page_of(alice, make_claim(northwind.id, "northwind.com"))
    assert "ALIAS" in page and "203.0.113.7" in page and "2001:db8::10" in page and ">@</code>" in page
    assert '<span class="strong">CNAME</span>' not in page


def test_a_delayed_certificate_says_what_the_authority_said_and_when_it_is_tried_again(
    northwind: CurrentAgency, alice: Account
) -> None:
    domain = make_claim(
        northwind.id, HOST, S.ISSUE_RETRY, problem="rateLimited", problem_detail="too many certificates (50)"
    )
    page = page_of(alice, domain)
    assert "asks us to wait" in page and "too many certificates (50)" in page
    assert "Next try" in page and "Try now" in page and 'aria-current="step"' in page


def test_an_unknown_word_of_an_authority_is_quoted_and_not_hidden(
    northwind: CurrentAgency, alice: Account
) -> None:
    domain = make_claim(northwind.id, HOST, S.ISSUE_RETRY, problem="moonPhase", problem_detail="<b>full</b>")
    page = page_of(alice, domain)
    assert "moonPhase: &lt;b&gt;full&lt;/b&gt;" in page and "said no for now" in page


def test_a_live_name_says_until_when_its_certificate_is_and_when_it_renews(
    northwind: CurrentAgency, alice: Account
) -> None:
    domain = make_claim(northwind.id, HOST, S.ACTIVE)
    ends, renews = Bundle.objects.values_list("not_after", "renew_at").get()
    page = page_of(alice, domain)
    assert f"Your portal is live on {HOST}" in page and f'href="https://{HOST}/"' in page
    assert (
        f"{ends:%b} {ends.year}" in page and f"{renews:%b} {renews.year}" in page and "Main address" in page
    )


def test_a_name_that_moved_away_says_what_to_put_back_and_until_when(
    northwind: CurrentAgency, alice: Account
) -> None:
    moved = clock.now() - timedelta(days=2)
    domain = make_claim(
        northwind.id, HOST, S.DEGRADED, bad_since=moved, report=wrong_report("northwind.com", northwind.id).to_json(),
        problem="cname_elsewhere",
    )  # fmt: skip
    page = words(page_of(alice, domain))
    until = (moved + timedelta(days=7)).astimezone(northwind.tzinfo)
    assert "no longer leads to your portal" in page and "The record to put back" in page
    assert f"{until.day} {until:%B}" in page and targets.of(northwind.id) in page
    assert "said no for now" not in page


def test_what_operators_wrote_about_a_block_is_read_by_staff(
    northwind: CurrentAgency, alice: Account
) -> None:
    domain = make_claim(
        northwind.id, HOST, S.BLOCKED, problem="blocked_by_operator", problem_detail="Reported as phishing"
    )
    page = page_of(alice, domain)
    assert "Reported as phishing" in page and "Our team has blocked this name" in page
    assert "Remove this address" not in page and "Verify now" not in page
    path = f"/northwind/branding/domain/{domain.pk}/removal/"
    assert console_browser(alice).get(path).status_code == 302


@pytest.mark.parametrize("state", [S.RELEASED, S.EXPIRED, S.REMOVED])
def test_a_claim_that_is_over_says_how_to_connect_the_name_again(
    northwind: CurrentAgency, alice: Account, state: DomainState
) -> None:
    page = page_of(alice, make_claim(northwind.id, HOST, state, next_try_at=None))
    assert "Connect it again" in page and f'name="host" value="{HOST}"' in page
    assert "hx-get" not in page and "Remove this address" not in page


def test_after_a_downgrade_the_page_says_until_when_the_name_goes_on(
    harbour: CurrentAgency, hugo: Account
) -> None:
    until = clock.now() + timedelta(days=9)
    domain = make_claim(harbour.id, "portal.harbour.com", S.ACTIVE, grace_until=until)
    local = until.astimezone(harbour.tzinfo)
    for page in (page_of(hugo, domain, slug="harbour"), list_of(hugo, "harbour")):
        assert "no longer includes" in page and f"{local.day} {local:%b}" in page
    assert "<form" not in list_of(hugo, "harbour")


def test_umlauts_are_shown_as_umlauts_beside_what_the_dns_calls_them(
    northwind: CurrentAgency, alice: Account
) -> None:
    page = page_of(alice, make_claim(northwind.id, "xn--mnchen-3ya.de", S.ACTIVE))
    assert "münchen.de" in page and "xn--mnchen-3ya.de" in page


def test_the_list_has_every_name_once_and_the_form_for_another(
    northwind: CurrentAgency, alice: Account
) -> None:
    every = one_of_each(Agency.objects.get(pk=northwind.id))
    make_claim(northwind.id, every["removed"].host)
    page = list_of(alice)
    for domain in every.values():
        if domain.host != "xn--mnchen-3ya.example":
            assert page.count(f">{domain.host}</a>") == 1, domain.host
    assert 'name="host"' in page and "Your portal answers on" in page
    assert f"https://{every['active'].host}/" in page


def test_without_a_certificate_authority_nothing_is_offered(
    northwind: CurrentAgency, alice: Account, settings: object
) -> None:
    settings.ACME_DIRECTORY = ""  # type: ignore[attr-defined]
    page = list_of(alice)
    assert "cannot get certificates yet" in page and "<form" not in page
    response = console_browser(alice).post("/northwind/branding/domain/", {"host": HOST})
    assert response.status_code == 200 and not Domain.objects.exists()


def test_starter_reads_which_plan_opens_it(harbour: CurrentAgency, hugo: Account) -> None:
    page = list_of(hugo, "harbour")
    assert "Custom domains come with Growth" in page and "<form" not in page
    console_browser(hugo).post("/harbour/branding/domain/", {"host": HOST})
    assert not Domain.objects.exists()


def test_another_agencys_claim_does_not_exist(
    northwind: CurrentAgency, harbour: CurrentAgency, alice: Account, hugo: Account
) -> None:
    Agency.objects.filter(pk=harbour.id).update(plan=Plan.GROWTH)
    domain = make_claim(northwind.id, HOST, S.ACTIVE)
    browser, base = console_browser(hugo), f"/harbour/branding/domain/{domain.pk}/"
    for path in ("", "status/", "removal/", "instructions/", "connect/"):
        assert browser.get(base + path).status_code == 404, path
    for path in ("verify/", "retry/", "main/", "removal/", "instructions/"):
        assert browser.post(base + path, {"email": "x@y.example"}).status_code == 404, path
    assert HOST not in list_of(hugo, "harbour")
    domain.refresh_from_db()
    assert domain.state == S.ACTIVE and Bundle.objects.filter(host=HOST).exists()


def test_members_see_and_change_nothing(northwind: CurrentAgency, alice: Account) -> None:
    domain = make_claim(northwind.id, HOST)
    Membership.objects.filter(account=alice).update(role=Role.MEMBER)
    with inside(northwind):
        Staff.objects.update(role=Role.MEMBER)
    browser, base = console_browser(alice), "/northwind/branding/domain/"
    for path in ("", f"{domain.pk}/", f"{domain.pk}/status/", f"{domain.pk}/removal/"):
        response = browser.get(base + path)
        assert response.status_code == 403 and HOST not in response.content.decode(), path
    for path in ("", f"{domain.pk}/verify/", f"{domain.pk}/removal/", f"{domain.pk}/main/"):
        assert browser.post(base + path, {"host": "new.northwind.com"}).status_code == 403, path
    assert Domain.objects.filter(state=S.PENDING_DNS).count() == Domain.objects.count() == 1


def test_what_cannot_be_an_id_is_not_found(alice: Account, northwind: CurrentAgency) -> None:
    for odd in ("999999", "9" * 30, "x", "-1"):
        assert console_browser(alice).get(f"/northwind/branding/domain/{odd}/").status_code == 404, odd


def test_the_page_asks_few_questions(
    northwind: CurrentAgency, alice: Account, django_assert_max_num_queries: object
) -> None:
    for number in range(5):
        make_claim(northwind.id, f"p{number}.northwind.com", S.PENDING_DNS)
    browser = console_browser(alice)
    browser.get("/northwind/branding/domain/")
    with django_assert_max_num_queries(45):  # type: ignore[operator]
        browser.get("/northwind/branding/domain/")


def list_of(account: Account, slug: str = "northwind") -> str:
    """The main part of the list."""
    text = console_browser(account).get(f"/{slug}/branding/domain/").content.decode()
    return text[text.index("<main") : text.index("</main>")]


def test_a_bundle_of_another_serial_is_news(northwind: CurrentAgency, alice: Account) -> None:
    domain = make_claim(northwind.id, HOST, S.ACTIVE)
    path = f"/northwind/branding/domain/{domain.pk}/status/"
    browser = console_browser(alice)
    first = browser.get(path).context["shown"].version
    assert browser.get(f"{path}?seen={first}").context["is_changed"] is False
    make_bundle(HOST, days=90)
    assert browser.get(f"{path}?seen={first}").context["is_changed"] is True
