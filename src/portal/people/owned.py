"""Records that belong to a company or to a lone client: the one place where "may see" is decided."""

from typing import Any, ClassVar, Self

from django.db import models
from django.db.models import Q

from portal.people.models import Client, Company, Staff


class OwnedQuerySet(models.QuerySet[Any]):
    """Mixed into every queryset of records that clients see."""

    # The path from this model to the record that has `company` and `client`; "" when it is this model.
    owner_path: ClassVar[str] = ""
    # The path to the member of staff who leads the record, and so sees it whoever owns it; "" when nobody does.
    lead_path: ClassVar[str] = ""

    def visible_to(self, client: Client) -> Self:
        """Records of the client itself and of the companies that it acts for."""
        prefix = f"{self.owner_path}__" if self.owner_path else ""
        # A subquery rather than a join: a join would repeat rows and make every later filter ambiguous.
        companies = client.memberships.values("company_id")
        return self.filter(Q(**{f"{prefix}client": client}) | Q(**{f"{prefix}company__in": companies}))

    def served_by(self, staff: Staff) -> Self:
        """Records that this member of staff may see: all, or those of whom it serves and those it leads."""
        if not staff.is_limited:
            return self
        prefix = f"{self.owner_path}__" if self.owner_path else ""
        companies = Company.objects.order_by().served_by(staff).values("pk")
        clients = Client.objects.served_by(staff).values("pk")
        served = Q(**{f"{prefix}company__in": companies}) | Q(**{f"{prefix}client__in": clients})
        if self.lead_path:
            served |= Q(**{self.lead_path: staff})
        return self.filter(served)


class OwnedRecord(models.Model):
    """Belongs to exactly one of: a company, a lone client."""

    company = models.ForeignKey(Company, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    client = models.ForeignKey(Client, null=True, blank=True, on_delete=models.PROTECT, related_name="+")

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
