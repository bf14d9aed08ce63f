"""The last step under pressure: pressed twice, two for one address, a fault in the middle, an empty pool."""

from typing import Any

import pytest
from django.db import connection

from tenants.accounts.models import Account, Membership
from tenants.agencies.models import Agency
from tenants.plans import Plan
from tenants.provisioning import operations as provisioning
from tenants.provisioning.models import Spare
from tenants.signup.joining import finish
from tenants.signup.models import SignUp
from tests.at_once import at_once
from tests.tenants.signup.walking import named

NORA, OLAF = "nora@lind.example", "olaf@lind.example"


def schemas() -> set[str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT nspname FROM pg_namespace WHERE nspname ~ '^(a_|spare_)'")
        return {name for (name,) in cursor.fetchall()}


def test_two_posts_at_once_make_one_agency(committed_db: None) -> None:
    browser = named(NORA)
    before = schemas()
    answers = at_once(*[lambda: browser.post("/start/plan/", {"plan": 2})] * 4)
    assert {answer["Location"] for answer in answers} == {"/start/ready/"}
    assert Agency.objects.filter(slug="lind").count() == 1
    assert Membership.objects.filter(account__email=NORA).count() == 1
    assert len(schemas()) == len(before)  # one was claimed, none made


def test_two_people_for_one_address_at_once_one_gets_it(committed_db: None) -> None:
    browsers = [named(NORA), named(OLAF, slug="l1nd")]
    answers = at_once(*[lambda b=b: b.post("/start/plan/", {"plan": 2}) for b in browsers])
    assert sorted(answer.status_code for answer in answers) == [200, 302]
    slower = next(answer for answer in answers if answer.status_code == 200)
    assert b'name="pick"' in slower.content
    assert Agency.objects.filter(slug__in=["lind", "l1nd"]).count() == 1
    assert Account.objects.filter(email__in=[NORA, OLAF]).count() == 1


def test_one_person_on_two_devices_at_once_has_one_account(committed_db: None) -> None:
    first, second = named(NORA), named(OLAF, slug="lind-two")
    SignUp.objects.filter(slug="lind-two").update(email=NORA)
    answers = at_once(*[lambda b=b: b.post("/start/plan/", {"plan": 2}) for b in (first, second)])
    assert [answer["Location"] for answer in answers] == ["/start/ready/"] * 2
    assert Account.objects.filter(email=NORA).count() == 1
    assert Membership.objects.filter(account__email=NORA).count() == 2


def test_a_fault_while_seeding_leaves_neither_agency_nor_schema(
    db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser, before = named(NORA), schemas()
    spares = set(Spare.objects.values_list("schema_name", flat=True))

    def broken(*_: Any) -> None:
        raise RuntimeError("planted")

    monkeypatch.setattr(provisioning, "_on_ready", [*provisioning._on_ready, broken])
    with pytest.raises(RuntimeError, match="planted"):
        finish(SignUp.objects.get(), plan=Plan.GROWTH)
    assert schemas() == before
    assert set(Spare.objects.values_list("schema_name", flat=True)) == spares
    assert not Agency.objects.filter(slug="lind").exists()
    assert not Account.objects.filter(email=NORA).exists()
    monkeypatch.undo()
    assert browser.post("/start/plan/", {"plan": 2})["Location"] == "/start/ready/"


def test_with_no_spare_left_it_takes_longer_and_works(db: None) -> None:
    Spare.objects.all().delete()
    answer = named(NORA).post("/start/plan/", {"plan": 2})
    assert answer["Location"] == "/start/ready/"
    assert Agency.objects.get(slug="lind").schema_name in schemas()


def test_a_leftover_schema_of_the_same_name_is_in_nobodys_way(db: None) -> None:
    with connection.cursor() as cursor:
        cursor.execute("CREATE SCHEMA a_lind")
    assert named(NORA).post("/start/plan/", {"plan": 2})["Location"] == "/start/ready/"
