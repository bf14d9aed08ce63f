"""How the agency bills: its own details, tax rates, numbers, and its clients' details."""

from typing import Any

from django.db import transaction

from kit.refused import NotValid
from kit.typed import apply, check_fields
from modules.invoices.models import BillingDetails, BookSettings, InvoiceSettings, Series, TaxRate
from portal.audit.operations import Trail, record
from portal.people.models import Client, Company, Staff

MOST_RETRIES = 6
COUNTRY_WORDS = "Write the country as two letters, e.g. DE."


@transaction.atomic
def save_settings(*, by: Staff | None, trail: Trail | None = None, **fields: Any) -> InvoiceSettings:
    """Change what stands on invoices from now on; what is issued stays.

    Raises:
        NotValid: a value is refused; `field` says which.
    """
    settings = InvoiceSettings.load()
    if "seller_country" in fields:
        fields["seller_country"] = country_of(fields["seller_country"], "seller_country")
    change = apply(settings, fields)
    check_fields(settings, list(fields))
    try:
        days = settings.days_after
    except ValueError:
        raise NotValid("Write days with commas, e.g. 1, 7, 14.", field="remind_days_after") from None
    if any(not 1 <= day <= 365 for day in days) or len(days) > 10:
        raise NotValid("Choose up to ten days between 1 and 365.", field="remind_days_after")
    if not 0 <= settings.late_fee_percent <= 100:
        raise NotValid("A percentage lies between 0 and 100.", field="late_fee_percent")
    _check_paying(settings)
    settings.save()
    if change:
        record("invoices.settings_changed", settings, by=by, summary="Changed the invoice settings",
               change=change, **(trail or {}))  # fmt: skip
    return settings


def _check_paying(settings: InvoiceSettings) -> None:
    try:
        days = settings.retry_days
    except ValueError:
        raise NotValid("Write days with commas, e.g. 1, 3, 5.", field="retry_after") from None
    if len(days) > MOST_RETRIES or any(not 1 <= day <= 30 for day in days):
        raise NotValid(f"Choose up to {MOST_RETRIES} waits of 1 to 30 days.", field="retry_after")
    ranges = {
        "notice_days": (1, 30),
        "plan_parts": (0, 24),
        "plan_first_percent": (0, 90),
        "plan_days": (1, 366),
    }
    for name, (least, most) in ranges.items():
        if not least <= getattr(settings, name) <= most:
            raise NotValid(f"Choose a number from {least} to {most}.", field=name)


@transaction.atomic
def save_books(*, by: Staff | None, trail: Trail | None = None, **fields: Any) -> BookSettings:
    """Change how the books call their accounts.

    Raises:
        NotValid: a value is refused; `field` says which.
    """
    settings = BookSettings.load()
    change = apply(settings, fields)
    check_fields(settings, list(fields))
    settings.save()
    if change:
        summary = "Changed the accounts of the books"
        record("invoices.books_changed", settings, by=by, summary=summary, change=change, **(trail or {}))
    return settings


@transaction.atomic
def add_tax_rate(
    *, by: Staff | None, name: str, percent: Any, category: str, is_default: bool = False,
    trail: Trail | None = None,
) -> TaxRate:  # fmt: skip
    """A rate to choose from.

    Raises:
        NotValid: a percentage without being taxed, or the other way round.
    """
    rate = TaxRate(is_default=is_default)
    apply(rate, {"name": name, "percent": percent, "category": category})
    check_fields(rate, ["name", "percent", "category"])
    if (rate.category == TaxRate.Category.STANDARD) != (rate.percent > 0):
        raise NotValid("Only a taxed rate has a percentage above 0.", field="percent")
    if is_default:
        TaxRate.objects.filter(is_default=True).update(is_default=False)
    rate.save()
    record("invoices.tax_rate_added", rate, by=by, summary=f"Added the tax rate {rate}", **(trail or {}))
    return rate


@transaction.atomic
def remove_tax_rate(rate: TaxRate, *, by: Staff | None, trail: Trail | None = None) -> None:
    """Take a rate from the choice; lines that have it keep it."""
    record("invoices.tax_rate_removed", rate, by=by, summary=f"Removed the tax rate {rate}", **(trail or {}))
    rate.delete()


@transaction.atomic
def set_prefix(kind: str, begins: str, *, by: Staff | None, trail: Trail | None = None) -> Series:
    """How numbers of a kind begin from now on; a new prefix counts from 1.

    Raises:
        NotValid: it holds what no number should, or is the one of another kind.
    """
    series = Series.of(Series.Kind(kind))
    text = begins.strip()
    bare = text.replace("{year}", "")
    if len(text) > 20 or any(not (c.isascii() and (c.isalnum() or c in "-/._")) for c in bare):
        raise NotValid("Use letters, digits, - / . _ and {year}, at most 20 in all.", field="begins")
    if Series.objects.exclude(pk=series.pk).filter(prefix=text).exists():
        raise NotValid("Other numbers begin like this already.", field="begins")
    before, series.prefix = series.prefix, text
    series.save(update_fields=["prefix"])
    if before != text:
        record("invoices.prefix_changed", series, by=by, summary=f"Numbers begin with {text}",
               change={"prefix": [before, text]}, **(trail or {}))  # fmt: skip
    return series


@transaction.atomic
def set_billing_details(
    owner: Company | Client, *, by: Staff | Client | None, trail: Trail | None = None, **fields: Any
) -> BillingDetails:
    """How a buyer is named on invoices from now on; the history is in the audit log.

    Raises:
        NotValid: a value is refused; `field` says which.
    """
    whose: dict[str, Any] = (
        {"company": owner, "client": None}
        if isinstance(owner, Company)
        else {"client": owner, "company": None}
    )
    details = BillingDetails.objects.select_for_update().filter(**whose).first() or BillingDetails(**whose)
    if "country" in fields:
        fields["country"] = country_of(fields["country"], "country")
    change = apply(details, fields)
    check_fields(details, list(fields))
    details.save()
    if change:
        record("invoices.billing_details_changed", details, by=by, summary=f"Changed how {owner} is billed",
               change=change, **(trail or {}))  # fmt: skip
    return details


def country_of(text: str, field: str) -> str:
    """An ISO 3166-1 code, or "".

    Raises:
        NotValid: not two letters.
    """
    code = text.strip().upper()
    if code and (len(code) != 2 or not (code.isascii() and code.isalpha())):
        raise NotValid(COUNTRY_WORDS, field=field)
    return code
