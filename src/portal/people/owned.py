"""Records that belong to a company or to a lone client: the one place where "may see" is decided.

A client sees a record when it is the client's own; or when it belongs to a company for which the client acts,
with every right that such records need, made after the moment from which the client sees the company's, and
private to nobody or to this client among others.
"""

from typing import Any, ClassVar, Self

from django.contrib.postgres.expressions import ArraySubquery
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Exists, F, Func, OuterRef, Q

from kit import clock
from portal.people.models import Client, ClientQuerySet, Company, CompanyMembership, Right, Staff


class OwnedQuerySet(models.QuerySet[Any]):
    """Mixed into every queryset of records that clients see."""

    # The path from this model to the record that has `company` and `client`; "" when it is this model.
    owner_path: ClassVar[str] = ""
    # What of the owning record is compared with the moment from which somebody sees a company; "": it is there
    # for all of its people, whenever they came.
    moment: ClassVar[str] = "created_at"
    # What a contact of the company must hold to see these records at all.
    needs: ClassVar[tuple[Right, ...]] = ()
    # Paths to members of staff whose work the record is, and who so see it whoever owns it.
    lead_paths: ClassVar[tuple[str, ...]] = ()

    def visible_to(self, client: Client) -> Self:
        """Records of the client itself, and of its companies as far as it sees these."""
        return self.visible_with(client)

    def visible_with(self, client: Client, *rights: Right) -> Self:
        """Of those, the ones on which the client has these rights, too; on its own it has them all."""
        prefix = f"{self.owner_path}__" if self.owner_path else ""
        memberships = client.memberships.filter(rights__contains=[*self.needs, *rights])
        private = Q(**{f"{prefix}private_to": []}) | Q(**{f"{prefix}private_to__contains": [client.pk]})
        own = Q(**{f"{prefix}client": client})
        if not self.moment:
            return self.filter(own | (Q(_Among(f"{prefix}company", memberships)) & private))
        whole = _Among(f"{prefix}company", memberships.filter(sees_from=None))
        later = memberships.exclude(sees_from=None)
        since = later.filter(
            company=OuterRef(f"{prefix}company"), sees_from__lte=OuterRef(f"{prefix}{self.moment}")
        )
        # Each part begins with its owner, so that each has an index to go by. Parts that hold memberships are
        # subqueries rather than joins: a join would repeat rows and make every later filter ambiguous.
        return self.filter(
            own | (Q(whole) & private) | (Q(_Among(f"{prefix}company", later)) & Q(Exists(since)) & private)
        )

    @classmethod
    def part_for(cls, membership: CompanyMembership) -> Q:
        """What `visible_to` lets somebody see by one membership: for long lists that ask owner by owner.

        The caller looks at `needs`.
        """
        seen = Q(company=membership.company_id)
        seen &= Q(private_to=[]) | Q(private_to__contains=[membership.client_id])
        if cls.moment and membership.sees_from:
            seen &= Q(**{f"{cls.moment}__gte": membership.sees_from})
        return seen

    def served_by(self, staff: Staff) -> Self:
        """Records that this member of staff may see: all, or those of whom it serves and those that are its work."""
        if not staff.is_limited:
            return self
        prefix = f"{self.owner_path}__" if self.owner_path else ""
        companies = Company.objects.order_by().served_by(staff).values("pk")
        clients = Client.objects.served_by(staff).values("pk")
        served = Q(**{f"{prefix}company__in": companies}) | Q(**{f"{prefix}client__in": clients})
        for path in self.lead_paths:
            served |= Q(**{path: staff})
        return self.filter(served)


class _Among(Func):
    """That the record's company is one of these memberships'.

    Written `= ANY(ARRAY(…))`: Postgres asks for the companies once and then goes by the index of the column;
    `IN (…)` within an OR would make it read every record.
    """

    template = "(%(expressions)s))"
    arg_joiner = " = ANY("

    def __init__(self, path: str, memberships: models.QuerySet[CompanyMembership]) -> None:
        companies = ArraySubquery(memberships.order_by().values("company_id"))
        super().__init__(F(f"{path}_id"), companies, output_field=models.BooleanField())


class OwnedRecord(models.Model):
    """Belongs to exactly one of: a company, a lone client."""

    # The console's page of one record, by its address's name, when staff may keep it to some of the people.
    console_page: ClassVar[str] = ""

    company = models.ForeignKey(Company, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    client = models.ForeignKey(Client, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    private_to = ArrayField(
        models.BigIntegerField(),
        default=list,
        db_default=[],
        blank=True,
        help_text="ids of the company's only clients who see it; empty: all",
    )

    class Meta:
        abstract = True
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(company__isnull=True) ^ Q(client__isnull=True), name="%(class)s_has_one_owner"
            )
        ]

    @property
    def owner(self) -> Company | Client:
        """The company, or the lone client."""
        owner = self.company or self.client
        assert owner is not None, "the constraint has_one_owner holds"
        return owner


def people_seeing(record: models.Model, *rights: Right) -> ClientQuerySet:
    """The clients who see a record, with access or without: `visible_to` asked the other way round.

    Args:
        record: of a model whose default manager is an OwnedQuerySet's.
        rights: what they must hold besides what seeing it needs.
    """
    asked = type(record)._default_manager.all()
    assert isinstance(asked, OwnedQuerySet)
    owned: Any = record
    for step in filter(None, asked.owner_path.split("__")):
        owned = getattr(owned, step)
    if owned.client_id:
        return Client.objects.filter(pk=owned.client_id)
    acting = CompanyMembership.objects.filter(
        company=owned.company_id, rights__contains=[*asked.needs, *rights]
    )
    if asked.moment:
        # What has not happened yet (a draft is not issued) will happen after everybody came.
        moment = getattr(owned, asked.moment) or clock.now()
        acting = acting.filter(Q(sees_from=None) | Q(sees_from__lte=moment))
    if owned.private_to:
        acting = acting.filter(client__in=owned.private_to)
    return Client.objects.filter(pk__in=acting.values("client"))


def sees(client: Client, record: models.Model, *rights: Right) -> bool:
    """Whether this client sees the record and holds these rights on it."""
    return people_seeing(record, *rights).filter(pk=client.pk).exists()
