"""Why a saved card must stay: a subscription is paid with it. Registered when the app is ready."""

from modules.subscriptions.models import Subscription
from modules.subscriptions.models.bought import RUNNING
from portal.payments.methods import relies
from portal.payments.models import SavedMethod


@relies
def subscriptions_need(method: SavedMethod) -> list[str]:
    """Running subscriptions of its owner that are paid with it, as far as is known."""
    owner = {"company": method.customer.company_id, "client": method.customer.client_id}
    running = Subscription.objects.filter(state__in=RUNNING, stripe_id__isnull=False, **owner)
    last = method.label[-4:]
    # Which one Stripe charges is known by its last digits only; when in doubt it stays.
    paid = [one for one in running.select_related("offer") if not one.method or one.method.endswith(last)]
    names = ", ".join(sorted({str(one) for one in paid}))
    return [f"{names} is paid with it. Change the card there first."] if names else []
