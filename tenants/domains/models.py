"""Hosts of an agency besides its default address."""

from django.db import models
from django_tenants.models import DomainMixin

from kit import clock
from tenants.agencies.models import Agency


class Domain(DomainMixin):  # type: ignore[misc]  # django-tenants has no types
    """A custom host. It routes only once it is verified."""

    tenant = models.ForeignKey(Agency, db_index=True, related_name="domains", on_delete=models.CASCADE)
    verified_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(default=clock.now, editable=False)

    def __str__(self) -> str:
        return str(self.domain)
