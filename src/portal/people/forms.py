"""Forms of the clients' pages and of the profile."""

from collections import defaultdict
from datetime import date
from functools import lru_cache
from typing import Any
from zoneinfo import available_timezones

import phonenumbers
from django import forms
from django.conf import settings

from portal.people.models import BUNDLES, Bundle, Client, Company, Right, Staff
from tenants.agencies.current import current_agency
from ui.forms import DateInput, FileDrop, RadioCards, Switch

COMPANIES_OFFERED = 200
SAMPLE_ADDRESS = "name@company.com"
CONTINENTS = frozenset(
    {"Africa", "America", "Antarctica", "Asia", "Atlantic", "Australia", "Europe", "Indian", "Pacific"}
)


class CompanyInput(forms.TextInput):
    """A text field that offers the agency's companies as one types."""

    template_name = "console/people/company_input.html"
    staff: Staff | None = None

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context(name, value, attrs)
        served = Company.objects.served_by(self.staff) if self.staff else Company.objects.none()
        names = served.order_by("name").values_list("name", flat=True)
        return context | {"companies": list(names[:COMPANIES_OFFERED]), "list_id": f"{name}-list"}


def history_field(initial: str = "all") -> forms.ChoiceField:
    """The choice what of the company's past a new contact sees."""
    return forms.ChoiceField(
        label="What they see of the company",
        required=False,
        initial=initial,
        choices=[
            ("all", "The whole history|Everything that the company has here already."),
            ("now", "From now on|Only what is added after today; nothing older."),
        ],
        widget=RadioCards(),
    )


class _AccessUntilField(forms.DateField):
    widget = DateInput

    def clean(self, value: Any) -> date | None:
        day: date | None = super().clean(value)
        if day is not None and day < current_agency().today():
            raise forms.ValidationError("This day is over. Choose today or a later one.")
        return day


class ClientForm(forms.Form):
    """Adds a client."""

    name = forms.CharField(max_length=120, widget=forms.TextInput({"autocomplete": "off"}))
    email = forms.EmailField(
        label="E-mail",
        max_length=254,
        widget=forms.EmailInput({"autocomplete": "off", "placeholder": SAMPLE_ADDRESS}),
    )
    company = forms.CharField(
        max_length=160,
        required=False,
        widget=CompanyInput,
        help_text="A name that you have already joins that company; another one makes a new company.",
    )
    bundle = forms.ChoiceField(
        label="Rights in the company",
        required=False,
        initial=Bundle.MEMBER,
        choices=lambda: [(bundle.value, _bundle_words(bundle)) for bundle in Bundle],
    )
    history = history_field()
    access_until = _AccessUntilField(
        label="Last day of access", required=False, help_text="Leave it empty for access without an end."
    )

    def clean_history(self) -> bool:
        """Whether the past is seen, too; nothing chosen is the usual."""
        return bool(self.cleaned_data["history"] != "now")

    def __init__(self, *args: Any, staff: Staff, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["company"].widget.staff = staff

    def clean_bundle(self) -> Bundle:
        """Nothing chosen is the usual set."""
        return Bundle(self.cleaned_data["bundle"] or Bundle.MEMBER)


class EditClientForm(forms.Form):
    """Corrects a client's name, and the address while nobody has signed in with it."""

    name = forms.CharField(max_length=120)
    email = forms.EmailField(label="E-mail", max_length=254)

    def __init__(self, *args: Any, client: Client, **options: Any) -> None:
        options["initial"] = {"name": client.name, "email": client.email}
        super().__init__(*args, **options)
        if client.last_seen_at is not None:
            self.fields["email"].disabled = True
            self.fields["email"].help_text = "Only the client can change it now, on the profile page."


class AccessForm(forms.Form):
    """Until when a client may sign in."""

    access_until = _AccessUntilField(
        label="Last day of access",
        required=False,
        help_text="Counts in your agency's time zone. Empty: access without an end.",
    )


class ProfileForm(forms.Form):
    """What a client says of itself."""

    display_name = forms.CharField(
        max_length=60, required=False, help_text="How we call you here; empty: your full name."
    )
    phone = forms.CharField(
        max_length=40,
        required=False,
        widget=forms.TextInput({"type": "tel", "autocomplete": "tel"}),
        help_text="With the country's code, for example +49 30 901820.",
    )
    language = forms.ChoiceField(required=False, help_text="For dates, numbers and messages.")
    zone = forms.ChoiceField(label="Time zone", required=False)
    wants_marketing = forms.BooleanField(
        label="News and offers",
        required=False,
        widget=Switch(),
        help_text="Off: only mails that are needed, for example invoices and invitations.",
    )

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        agency = current_agency()
        default = dict(settings.LANGUAGES).get(agency.language, agency.language)
        self.fields["language"].choices = [("", f"As set here ({default})"), *settings.LANGUAGES]  # type: ignore[attr-defined]
        self.fields["zone"].choices = [("", f"As set here ({_city(agency.zone)})"), *_zones()]  # type: ignore[attr-defined]

    def clean_phone(self) -> str:
        """The number in E.164, e.g. +4930901820."""
        text = self.cleaned_data["phone"].strip()
        if not text:
            return ""
        refusal = forms.ValidationError("This is no phone number. Write it like +49 30 901820.")
        try:
            number = phonenumbers.parse(text, None)
        except phonenumbers.NumberParseException as error:
            raise refusal from error
        if not phonenumbers.is_valid_number(number):
            raise refusal
        return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


class PhotoForm(forms.Form):
    """A new photo; what is in the file is checked when it is decoded."""

    photo = forms.FileField(
        label="Photo",
        widget=FileDrop({"accept": "image/png,image/jpeg,image/webp,image/gif"}),
        help_text="PNG, JPEG, WebP or GIF, up to 10 MB. It is cut to a square.",
    )


class EmailChangeForm(forms.Form):
    """The new address."""

    new_email = forms.EmailField(
        label="New e-mail address",
        max_length=254,
        widget=forms.EmailInput({"autocomplete": "email", "placeholder": SAMPLE_ADDRESS}),
    )


def _bundle_words(bundle: Bundle) -> str:
    rights = ", ".join(str(Right(right).label).lower() for right in BUNDLES[bundle])
    return f"{bundle.label} – {rights or 'look only'}"


@lru_cache(maxsize=1)
def _zones() -> list[tuple[str, list[tuple[str, str]]]]:
    # The same for every agency, so it may be kept: the names come with the program.
    groups: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for name in sorted(available_timezones()):
        area, _, city = name.partition("/")
        if city and area in CONTINENTS:
            groups[area].append((name, _city(name)))
    return [("UTC", [("UTC", "UTC")]), *groups.items()]


def _city(zone: str) -> str:
    return zone.partition("/")[2].replace("_", " ").replace("/", " – ") or zone
