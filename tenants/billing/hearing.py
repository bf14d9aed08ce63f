"""What we listen to at our own Stripe account. An event only says which agency to look at."""

from tenants.billing.models import AgencySubscription
from tenants.billing.refreshing import refresh
from tenants.gateway.inbox import hears
from tenants.gateway.models import InboxEvent


@hears("customer.subscription.", "platform")
@hears("invoice.", "platform")
@hears("checkout.session.", "platform")
def hear(event: InboxEvent) -> None:
    """Refresh the agency whose customer the event is about; a customer that is nobody's is not ours."""
    customer = event.payload.get("data", {}).get("object", {}).get("customer")
    found = AgencySubscription.objects.filter(stripe_customer_id=customer).first() if customer else None
    if found is None:
        return
    refresh(found.agency_id)
    from tenants.billing.jobs import mirror

    mirror.send(event_id=event.event_id)
