"""Sign-up, page by page: from an address to a live portal."""

from datetime import timedelta

import pytest
import time_machine
from allauth.account.models import EmailAddress
from django.core import mail

from kit import clock
from portal.people.models import Client, Staff
from tenants.accounts.models import Account, Membership, Role
from tenants.agencies.current import CurrentAgency, inside
from tenants.agencies.models import Agency, AgencyState
from tenants.plans import Plan
from tenants.signup.models import SignUp
from tests.cast import platform_browser, portal_browser
from tests.running_jobs import queued, run_jobs
from tests.tenants.signup.walking import ANSWERS, code_from_mail, named, proven

NORA = "nora@lind.example"


def test_from_an_address_to_a_live_portal(db: None) -> None:
    browser = named(NORA, password="a sentence nobody guesses")
    answer = browser.post("/start/plan/", {"plan": Plan.GROWTH.value})
    assert answer["Location"] == "/start/ready/"
    page = browser.get("/start/ready/").content.decode()
    agency = Agency.objects.get(slug="lind")
    assert "http://lind.localhost/" in page and "/accounts/enter/" in page
    assert (agency.name, agency.plan, agency.state) == ("Lind & Partner", Plan.GROWTH, AgencyState.TRIAL)
    assert agency.zone == "Europe/Oslo"
    assert agency.trial_ends_at and timedelta(13) < agency.trial_ends_at - clock.now() <= timedelta(14)
    assert portal_browser(agency.current()).get("/").status_code in (200, 302)
    nora = Account.objects.get(email=NORA)
    assert nora.check_password("a sentence nobody guesses") and nora.name == "Nora Lind"
    assert EmailAddress.objects.get(user=nora).verified
    assert Membership.objects.get(account=nora).role == Role.OWNER
    with inside(agency):
        assert Staff.objects.get().role == Staff.Role.OWNER
        assert Client.objects.get().email == "nora+client@lind.example"
    assert "provisioning.fill_pool" in queued()
    assert SignUp.objects.get().password == ""


@pytest.mark.parametrize("plan", list(Plan))
def test_each_plan_begins_with_a_trial(db: None, plan: Plan) -> None:
    named(NORA).post("/start/plan/", {"plan": plan.value})
    agency = Agency.objects.get(slug="lind")
    assert (agency.plan, agency.state) == (plan, AgencyState.TRIAL)


def test_a_known_address_gets_the_same_answer_and_is_told_by_mail(alice: Account) -> None:
    answers, pages = [], []
    for email in (alice.email, NORA):
        browser = platform_browser()
        answers.append(browser.post("/start/", {"email": email}))
        page = browser.get("/start/code/").content.decode()
        pages.append(page.replace(email, "").split("<h1>")[1].split("csrfmiddlewaretoken")[0])
    assert [answer.status_code for answer in answers] == [302, 302]
    assert answers[0]["Location"] == answers[1]["Location"]
    assert pages[0] == pages[1]
    run_jobs()
    told = {m.to[0]: str(m.body) for m in mail.outbox}
    assert "account with us already" in told[alice.email] and "already" not in told[NORA]


def test_a_known_person_adds_an_agency_and_keeps_her_password(alice: Account) -> None:
    browser = named(alice.email, password="another one altogether", name="Mallory")
    browser.post("/start/plan/", {"plan": 2})
    before = alice.password
    alice.refresh_from_db()
    assert alice.password == before and alice.name == "Alice Moreno"
    assert Membership.objects.filter(account=alice).count() == 2
    with inside(Agency.objects.get(slug="lind")):
        assert Staff.objects.get().name == "Alice Moreno"


def test_a_code_works_once_and_a_newer_one_ends_it(db: None) -> None:
    browser = platform_browser()
    browser.post("/start/", {"email": NORA})
    first = code_from_mail(NORA)
    browser.post("/start/code/again/")
    second = code_from_mail(NORA)
    if first != second:
        assert "not the code" in browser.post("/start/code/", {"code": first}).content.decode()
    assert browser.post("/start/code/", {"code": second}).status_code == 302
    sign_up = SignUp.objects.get()
    elsewhere = platform_browser().post(f"/start/code/{sign_up.pk}/", {"code": second})
    assert elsewhere["Location"] == "/start/"


def test_five_wrong_codes_end_it_even_for_the_right_one(db: None) -> None:
    browser = platform_browser()
    browser.post("/start/", {"email": NORA})
    right = code_from_mail(NORA)
    wrong = "000000" if right != "000000" else "111111"
    for _ in range(5):
        assert browser.post("/start/code/", {"code": wrong}).status_code == 200
    assert "has ended" in browser.post("/start/code/", {"code": right}).content.decode()


def test_a_code_ends_after_ten_minutes(db: None) -> None:
    browser = platform_browser()
    browser.post("/start/", {"email": NORA})
    code = code_from_mail(NORA)
    with time_machine.travel(clock.now() + timedelta(minutes=10, seconds=1)):
        assert "has ended" in browser.post("/start/code/", {"code": code}).content.decode()


def test_only_the_hash_of_the_code_stays_once_the_mail_is_out(db: None) -> None:
    from tenants.mail.models import Message

    browser = platform_browser()
    browser.post("/start/", {"email": NORA})
    code = code_from_mail(NORA)
    sign_up, message = SignUp.objects.get(), Message.objects.get()
    assert code not in repr([vars(sign_up), vars(message)])
    assert code not in message.subject


def test_a_closed_tab_goes_on_where_it_was(db: None) -> None:
    browser = proven(NORA)
    assert browser.get("/start/")["Location"] == "/start/agency/"
    assert browser.get("/start/plan/")["Location"] == "/start/agency/"
    browser.post("/start/agency/", ANSWERS)
    assert browser.get("/start/")["Location"] == "/start/plan/"
    assert 'value="lind"' in browser.get("/start/agency/").content.decode()


def test_on_another_device_the_code_goes_on_with_what_was_filled_in(db: None) -> None:
    laptop = named(NORA)
    phone = platform_browser()
    phone.post("/start/", {"email": NORA})
    answer = phone.post("/start/code/", {"code": code_from_mail(NORA)})
    assert answer["Location"] == "/start/plan/"
    assert SignUp.objects.count() == 1
    assert laptop.get("/start/plan/")["Location"] == "/start/"


def test_the_mails_own_link_takes_the_code_on_another_device_and_leaves_the_asker_outside(db: None) -> None:
    charlie, nora = platform_browser(), platform_browser()
    charlie.post("/start/", {"email": NORA})  # with an address that is not his
    code = code_from_mail(NORA)
    sign_up = SignUp.objects.get()
    page = nora.get(f"/start/code/{sign_up.pk}/").content.decode()
    assert NORA not in page
    assert nora.post(f"/start/code/{sign_up.pk}/", {"code": code})["Location"] == "/start/agency/"
    assert charlie.get("/start/agency/")["Location"] == "/start/"
    assert charlie.post("/start/agency/", ANSWERS)["Location"] == "/start/"


def test_nobody_gets_further_without_the_code(db: None) -> None:
    charlie = platform_browser()
    charlie.post("/start/", {"email": NORA})
    for page in ("agency", "plan", "ready", "agency/address"):
        assert charlie.get(f"/start/{page}/")["Location"] == "/start/code/"
    assert charlie.post("/start/plan/", {"plan": 2})["Location"] == "/start/code/"
    assert not Agency.objects.filter(state=AgencyState.TRIAL).exists()


def test_a_taken_address_is_a_field_error_with_free_ones(northwind: CurrentAgency) -> None:
    browser = proven(NORA)
    page = browser.post("/start/agency/", ANSWERS | {"slug": "n0rthwind"}).content.decode()
    assert "looks like it" in page and 'name="pick" value="lind' in page
    answer = browser.post("/start/agency/", ANSWERS | {"slug": "n0rthwind", "pick": "lind-studio"})
    assert answer["Location"] == "/start/plan/" and SignUp.objects.get().slug == "lind-studio"


def test_who_is_slower_for_an_address_is_asked_again_and_nothing_was_made(db: None) -> None:
    slow, fast = named(NORA), named("olaf@lind.example")
    fast.post("/start/plan/", {"plan": 2})
    page = slow.post("/start/plan/", {"plan": 2})
    assert page.status_code == 200 and 'name="pick"' in page.content.decode()
    assert Agency.objects.filter(slug="lind").count() == 1
    assert not Account.objects.filter(email=NORA).exists()
    assert slow.get("/start/")["Location"] == "/start/agency/"


@pytest.mark.parametrize(
    "answers",
    [
        {"slug": "ü"}, {"slug": "a" * 500}, {"zone": "Mars/Base"}, {"name": ""}, {"agency_name": "x" * 81},
        {"password": "short"}, {"slug": "nul\x00"}, {"agency_name": "nul\x00"}, {"password": "nora@lind.example"},
    ],
)  # fmt: skip
def test_bad_answers_are_field_errors(db: None, answers: dict[str, str]) -> None:
    page = proven(NORA).post("/start/agency/", ANSWERS | answers)
    assert page.status_code == 200 and "field__error" in page.content.decode()


@pytest.mark.parametrize("plan", ["", "0", "9", "x", "99999999999999999999"])
def test_a_plan_that_does_not_exist_is_a_field_error(db: None, plan: str) -> None:
    page = named(NORA).post("/start/plan/", {"plan": plan})
    assert page.status_code == 200
    assert not Agency.objects.filter(slug="lind").exists()


@pytest.mark.parametrize(
    "email", ["", "x", "a@b", f"{'a' * 240}@x.example", "a\x00@b.example", "ü@x.example"]
)
def test_an_address_that_cannot_get_mail_is_a_field_error(db: None, email: str) -> None:
    page = platform_browser().post("/start/", {"email": email})
    assert page.status_code == 200 and not SignUp.objects.exists()


def test_the_live_check_says_free_or_offers(northwind: CurrentAgency) -> None:
    browser = proven(NORA)
    assert "is free" in browser.get("/start/agency/address/?slug=lind").content.decode()
    page = browser.get("/start/agency/address/?slug=northwind&agency_name=Northwind").content.decode()
    assert "northwind-studio" in page
    assert browser.get("/start/agency/address/").status_code == 204


def test_many_mails_to_one_address_are_refused_whoever_has_it(alice: Account) -> None:
    for email in (alice.email, NORA):
        pages = [platform_browser().post("/start/", {"email": email}) for _ in range(8)]
        assert [page.status_code for page in pages] == [302] * 6 + [200] * 2
        assert "several codes" in pages[-1].content.decode()


def test_a_person_who_was_shut_out_learns_it_after_the_code_only(alice: Account) -> None:
    Account.objects.filter(pk=alice.pk).update(is_active=False)
    browser = platform_browser()
    assert browser.post("/start/", {"email": alice.email})["Location"] == "/start/code/"
    page = browser.post("/start/code/", {"code": code_from_mail(alice.email)})
    assert "cannot be used" in page.content.decode()


def test_old_sign_ups_are_forgotten(db: None) -> None:
    from tenants.signup.jobs import forget_old_sign_ups

    browser = named(NORA)
    with time_machine.travel(clock.now() + timedelta(days=8)):
        assert browser.get("/start/plan/")["Location"] == "/start/"
        forget_old_sign_ups()
    assert not SignUp.objects.exists()


@pytest.mark.parametrize("path", ["/", "/pricing/", "/start/"])
def test_public_pages_answer_and_lead_on(db: None, path: str) -> None:
    answer = platform_browser().get(path)
    assert answer.status_code == 200 and "/accounts/login/" in answer.content.decode()
    assert platform_browser().head(path).status_code == 200


def test_the_pricing_page_prints_the_declared_table(db: None) -> None:
    from tenants.plans import plan_table

    page = platform_browser().get("/pricing/").content.decode()
    assert all(row.label in page for row in plan_table())


@pytest.mark.parametrize("path", ["/login/", "/accounts/login/", "/accounts/2fa/?x=1"])
def test_logins_are_looked_for_on_the_consoles_host(db: None, path: str) -> None:
    target = "/accounts/login/" if path == "/login/" else path
    assert platform_browser().get(path)["Location"] == f"http://app.localhost{target}"
