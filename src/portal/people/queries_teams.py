"""What the pages about companies and their people show."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.db.models import Count

from kit.paging import Page, page_by_id
from portal.people.models import Client, Company, CompanyMembership, Right, Staff
from portal.people.owned import OwnedQuerySet, OwnedRecord
from portal.people.queries import Status, access_status
from portal.people.rights import name_of, words_of
from portal.records.filtering import OwnFieldsFilter

PAGE_SIZE = 50


@dataclass(frozen=True)
class Contact:
    """Somebody who acts for a company, in words."""

    membership: CompanyMembership
    called: str
    rights: str
    access: Status
    is_changeable: bool = False

    @property
    def client(self) -> Client:
        return self.membership.client


@dataclass(frozen=True)
class Team:
    """A company as one of its people sees it."""

    company: Company
    own: CompanyMembership
    contacts: Sequence[Contact]
    may_invite: bool


def list_companies(
    staff: Staff, *, search: str, cursor: str | None, own: OwnFieldsFilter | None = None
) -> Page[Any]:
    """One page of the companies that this person may see, newest first, each with `people`, their number.

    Raises:
        kit.paging.BadCursor: the cursor cannot be read.
    """
    found = Company.objects.served_by(staff).annotate(people=Count("memberships"))
    for word in search.split()[:6]:
        found = found.filter(name__icontains=word)
    return page_by_id(own.narrow(found) if own else found, cursor=cursor, size=PAGE_SIZE)


def team_of(company: Company) -> list[Contact]:
    """Everybody who acts for it, with access or without."""
    rows = company.memberships.select_related("client").order_by("client__name", "pk")
    return [_contact(row, is_changeable=True) for row in rows]


def teams_of(client: Client) -> list[Team]:
    """The companies of a client with those of their people who have access; who sees what stands beside."""
    own = list(client.memberships.select_related("company").order_by("company__name", "pk"))
    rows = (
        CompanyMembership.objects.filter(
            company__in=[one.company_id for one in own],
            client__in=Client.objects.with_access().filter(is_example=False),
        )
        .select_related("client")
        .order_by("client__name", "pk")
    )
    teams: dict[int, list[CompanyMembership]] = {}
    for row in rows:
        teams.setdefault(row.company_id, []).append(row)
    return [_team(one, teams.get(one.company_id, [])) for one in own]


def may_change(own: CompanyMembership, other: CompanyMembership) -> bool:
    """Whether the one may change or end what the other may do."""
    if Right.MANAGE_TEAM not in own.rights or own.client_id == other.client_id:
        return False
    return set(other.rights) <= set(own.rights)


def counts_of(company: Company) -> list[tuple[str, int]]:
    """How many records of each kind it has."""
    kinds = [
        model
        for model in apps.get_models()
        if issubclass(model, OwnedRecord) and isinstance(model._default_manager.all(), OwnedQuerySet)
    ]
    counted = [
        (str(model._meta.verbose_name_plural), model._default_manager.filter(company=company).count())
        for model in kinds
    ]
    return [(words.capitalize(), number) for words, number in counted if number]


def _team(own: CompanyMembership, rows: Sequence[CompanyMembership]) -> Team:
    contacts = [_contact(row, is_changeable=may_change(own, row)) for row in rows]
    return Team(own.company, own, contacts, may_invite=Right.INVITE in own.rights)


def _contact(row: CompanyMembership, *, is_changeable: bool) -> Contact:
    return Contact(row, name_of(row), words_of(row.rights), access_status(row.client), is_changeable)
