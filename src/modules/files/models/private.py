"""Records that are for chosen contacts of a company only."""

from typing import Any, ClassVar, Self

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from portal.people.models import Client
from portal.people.owned import OwnedQuerySet, OwnedRecord


class PrivateQuerySet(OwnedQuerySet):
    """Honours `private_to` of the record that `owner_path` leads to."""

    def visible_to(self, client: Client) -> Self:
        """Those of the client and its companies that are not kept for other contacts."""
        prefix = f"{self.owner_path}__" if self.owner_path else ""
        unkept = Q(**{f"{prefix}private_to": []}) | Q(**{f"{prefix}private_to__contains": [client.pk]})
        return super().visible_to(client).filter(unkept)


class PrivateRecord(OwnedRecord):
    """Belongs to a company or lone client, and there perhaps to some of its contacts only."""

    private_to: Any = ArrayField(
        models.BigIntegerField(),
        default=list,
        db_default=[],
        blank=True,
        help_text="ids of the company's only clients who see it; empty: all",
    )

    class Meta(OwnedRecord.Meta):
        abstract = True
        constraints: ClassVar = [*OwnedRecord.Meta.constraints]
