"""What of the shell a walk over foreign keys cannot settle when two clients become one."""

from django.db.models import Exists, OuterRef

from kit import clock
from kit.refused import Refused
from portal.entitlements.models import Entitlement
from portal.payments.models import StripeCustomer
from portal.tasks.models import Task


def merge_shell(kept: int, gone: int) -> None:
    """Entitlements of one source once; one Stripe customer.

    Raises:
        Refused: both have saved ways to pay at Stripe, which cannot be moved from one customer to another.
    """
    standing = Entitlement.objects.filter(ended_at=None)
    same = standing.filter(client=kept, key=OuterRef("key"), source=OuterRef("source"))
    twice = list(standing.filter(Exists(same), client=gone).values_list("pk", flat=True))
    Entitlement.objects.filter(pk__in=twice).update(ended_at=clock.now())
    _one_customer(kept, gone)
    for task in Task.objects.filter(client=gone, source__regex=rf"^records\.[a-z]+:{gone}$"):
        what = task.source.partition(":")[0]
        source, path = f"{what}:{kept}", f"/clients/{kept}/{what.removeprefix('records.')}/"
        if not Task.objects.open().filter(source=source).exists():
            Task.objects.filter(pk=task.pk).update(source=source, path=path)


def _one_customer(kept: int, gone: int) -> None:
    theirs = StripeCustomer.objects.filter(client=kept).first()
    mine = StripeCustomer.objects.filter(client=gone).first()
    if theirs is None or mine is None:
        return
    if mine.methods.filter(removed_at=None).exists():
        raise Refused(
            "Both have saved ways to pay. Stripe cannot move them: remove those of the one that goes first."
        )
    # Former ways to pay stay as history; nothing is charged from them.
    mine.methods.update(customer=theirs)
    mine.delete()
