"""Every private key sealed by the newest key-encryption key."""

from dataclasses import dataclass, field

from django.core.exceptions import ImproperlyConfigured
from django.db import models, transaction

from tenants.certificates.models import AcmeAccount, Bundle, Order
from tenants.certificates.sealing import SealBroken, newest_key_name, open_sealed, seal

BATCH = 100


@dataclass
class Rotated:
    """How many were sealed again, by kind, and which could not be opened, in words."""

    counts: dict[str, int] = field(default_factory=dict)
    unopened: list[str] = field(default_factory=list)


def rotate() -> Rotated:
    """Seal again what an older key sealed. A killed run is gone on with by the next.

    Raises ImproperlyConfigured when there is no key at all; what does not open is left as it is and named.
    """
    done = Rotated()
    for kind, model, blob, bound_to in (
        ("bundles", Bundle, "sealed", "host"),
        ("orders", Order, "sealed_key", "host"),
        ("accounts", AcmeAccount, "sealed_key", "directory"),
    ):
        done.counts[kind] = _all_of(model, blob, bound_to, done.unopened)
    return done


def _all_of(model: type[models.Model], blob: str, bound_to: str, unopened: list[str]) -> int:
    newest = newest_key_name()
    # An ended order keeps no key.
    keys = model._default_manager.exclude(key_name=newest).exclude(**{blob: b""}).values_list("pk", flat=True)
    count, waiting = 0, list(keys)
    for start in range(0, len(waiting), BATCH):
        count += _batch(model, waiting[start : start + BATCH], blob, bound_to, unopened)
    return count


@transaction.atomic
def _batch(
    model: type[models.Model], keys: list[object], blob: str, bound_to: str, unopened: list[str]
) -> int:
    # Asked again under the lock: a renewal may have sealed one anew just now.
    old = model._default_manager.filter(pk__in=keys).exclude(key_name=newest_key_name())
    count = 0
    for row in old.exclude(**{blob: b""}).select_for_update().order_by("pk"):
        name: str = getattr(row, bound_to)
        try:
            sealed = seal(name, open_sealed(name, getattr(row, blob), getattr(row, "key_name")))  # noqa: B009
        except (ImproperlyConfigured, SealBroken) as error:
            unopened.append(str(error))
            continue
        model._default_manager.filter(pk=row.pk).update(**{blob: sealed.blob, "key_name": sealed.key_name})
        count += 1
    return count
