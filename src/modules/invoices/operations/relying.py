"""Why a saved card must stay: something is paid with it by itself. Registered when the app is ready."""

from modules.invoices.models import Invoice, Mandate
from portal.payments.methods import relies
from portal.payments.models import SavedMethod


@relies
def autopay_needs(method: SavedMethod) -> list[str]:
    """Automatic payments that only this method can pay."""
    others = SavedMethod.objects.filter(customer=method.customer_id, removed_at=None).exclude(pk=method.pk)
    if others.exists():
        return []
    owner = {"company": method.customer.company_id, "client": method.customer.client_id}
    active = Mandate.objects.active().filter(**owner)
    if active.filter(invoice=None).exists():
        return [
            "Your invoices are paid from it automatically. Add another one first, or switch automatic payment off."
        ]
    single = active.filter(invoice__in=Invoice.objects.open()).select_related("invoice")
    numbers = ", ".join(sorted({str(mandate.invoice) for mandate in single}))
    if not numbers:
        return []
    words = f"Automatic payment of {numbers} needs it. Add another one first, or switch that off on its page."
    return [words]
