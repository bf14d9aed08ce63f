"""Who sees what, for every model of every module at once.

Two companies with three contacts each and overlapping rights, a lone client and a stranger; records of before
and after a contact came; records private to some. A new module is in it the moment its model exists.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import product
from typing import Any

import pytest
import time_machine
from django.db import models

from portal.people.models import Bundle, Client, Company, CompanyMembership, Right
from portal.people.owned import people_seeing, sees
from tenants.agencies.current import CurrentAgency, inside
from tests.owned_rows import OwnedRow, owned_models, owned_rows

BEFORE, THEN, AFTER = (datetime(2026, month, 1, 9, tzinfo=UTC) for month in (1, 2, 3))
every_model = pytest.mark.parametrize("model", owned_models(), ids=lambda model: model._meta.label)


@dataclass
class Cast:
    """Everybody, and what each may see by its memberships: company, rights, since when."""

    people: dict[str, Client] = field(default_factory=dict)
    companies: dict[str, Company] = field(default_factory=dict)
    acting: dict[str, list[CompanyMembership]] = field(default_factory=dict)

    def join(self, name: str, company: str, bundle: Bundle, since: datetime | None = None) -> None:
        if name not in self.people:
            self.people[name] = Client.objects.create(email=f"{name.lower()}@x.example", name=name)
        if company not in self.companies:
            self.companies[company] = Company.objects.create(name=company)
        membership = CompanyMembership.objects.create(
            client=self.people[name], company=self.companies[company], bundle=bundle, sees_from=since
        )
        self.acting.setdefault(name, []).append(membership)


@pytest.fixture
def cast(northwind: CurrentAgency) -> Iterator[Cast]:
    with inside(northwind):
        cast = Cast()
        cast.join("Olga", "North", Bundle.OWNER)
        cast.join("Fynn", "North", Bundle.FINANCE, THEN)
        cast.join("Vera", "North", Bundle.VIEWER)
        cast.join("Otto", "South", Bundle.OWNER, THEN)
        cast.join("Anna", "South", Bundle.APPROVER)
        cast.join("Fynn", "South", Bundle.MEMBER)  # in both: finance there, looks on here
        cast.join("Vera", "South", Bundle.FINANCE, THEN)
        cast.people["Lone"] = Client.objects.create(email="lone@x.example", name="Lone")
        cast.people["Charlie"] = Client.objects.get(email="charlie@client.example")
        yield cast


@dataclass(frozen=True)
class Made:
    """A row, and what it was made for."""

    row: models.Model
    company: Company | None
    made_at: datetime
    private_to: tuple[str, ...]


def make_rows(how: OwnedRow, cast: Cast) -> list[Made]:
    found = []
    choices = product((BEFORE, AFTER), cast.companies.values(), ((), ("Fynn",), ("Olga", "Otto", "Charlie")))
    for moment, company, private in choices:
        with time_machine.travel(moment, tick=False):
            ids = [cast.people[name].pk for name in private]
            found.append(Made(how.make(company=company, private_to=ids), company, moment, private))
    with time_machine.travel(BEFORE, tick=False):
        found.append(Made(how.make(client=cast.people["Lone"]), None, BEFORE, ()))
    return found


def should_see(name: str, cast: Cast, made: Made, how: OwnedRow) -> bool:
    """The rule in plain words, without the database."""
    if made.company is None:
        return name == "Lone"
    if made.private_to and name not in made.private_to:
        return False
    return any(
        membership.company_id == made.company.pk
        and (not how.is_money or Right.VIEW_MONEY in membership.rights)
        and (how.is_for_newcomers or membership.sees_from is None or membership.sees_from <= made.made_at)
        for membership in cast.acting.get(name, [])
    )


@every_model
def test_each_sees_what_it_may_and_nothing_else(model: Any, cast: Cast) -> None:
    how = owned_rows()[model]
    rows = make_rows(how, cast)
    for name, client in cast.people.items():
        wanted = {made.row.pk for made in rows if should_see(name, cast, made, how)}
        seen = list(model.objects.visible_to(client).values_list("pk", flat=True))
        assert len(seen) == len(set(seen)), "no row twice"
        assert set(seen) & {made.row.pk for made in rows} == wanted, name


@every_model
def test_asked_the_other_way_round_the_answer_is_the_same(model: Any, cast: Cast) -> None:
    how = owned_rows()[model]
    for made in make_rows(how, cast):
        wanted = {client.pk for name, client in cast.people.items() if should_see(name, cast, made, how)}
        assert set(people_seeing(made.row).values_list("pk", flat=True)) == wanted
        for client in cast.people.values():
            assert sees(client, made.row) == (client.pk in wanted)


@every_model
def test_who_leaves_a_company_sees_nothing_of_it(model: Any, cast: Cast) -> None:
    make_rows(owned_rows()[model], cast)
    olga = cast.people["Olga"]
    assert model.objects.visible_to(olga).exists()
    CompanyMembership.objects.filter(client=olga).delete()
    assert not model.objects.visible_to(olga).exists()


def test_every_model_says_how_its_rows_are_made() -> None:
    """A missing one is added to `owned_rows.py` among the tests of its module."""
    assert set(owned_rows()) == set(owned_models())


def test_all_that_is_money_needs_the_right_to_see_money() -> None:
    for model, how in owned_rows().items():
        assert how.is_money or not model.__module__.startswith(("modules.invoices", "modules.subscriptions"))
