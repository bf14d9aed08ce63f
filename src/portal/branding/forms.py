"""Forms of the branding pages. A field that the plan does not open is disabled: whatever is sent for it is ignored."""

from typing import Any

from django import forms
from django.urls import reverse

from kit.color import parse_hex
from portal.branding.models import PortalSettings
from portal.branding.operations import FULL_ONLY, PICTURES, Wish
from portal.branding.queries import ShownSection
from portal.branding.welcome import LONGEST, source_of
from portal.uploads.models import Upload
from tenants.agencies.current import current_agency
from ui.forms import ColorInput, FileDrop, Switch

ACCEPT = "image/png,image/jpeg,image/webp,image/gif"


class KeptPicture:
    """A stored picture as the file field shows it: its name and where to see it."""

    def __init__(self, upload: Upload, url: str) -> None:
        self.upload, self.url = upload, url

    def __str__(self) -> str:
        return self.upload.name


class PlanForm(forms.Form):
    """Locks what the agency's plan does not open."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.is_full = current_agency().has("branding.full")
        for name, field in self.fields.items():
            field.disabled = name in FULL_ONLY and not self.is_full

    def open_names(self) -> list[str]:
        """The fields that may be changed."""
        return [name for name, field in self.fields.items() if not field.disabled]


def _picture_field(label: str, help_text: str, preview: str = "") -> forms.FileField:
    widget = FileDrop({"accept": ACCEPT} | ({"data-preview-image": preview} if preview else {}))
    widget.initial_text, widget.clear_checkbox_label = "Now", "Remove it"
    return forms.FileField(label=label, help_text=help_text, required=False, widget=widget)


class LookForm(PlanForm):
    """How the portal looks."""

    accent = forms.CharField(
        label="Accent colour",
        max_length=9,
        widget=ColorInput,
        help_text="Buttons, links and marks. It is made darker or lighter wherever it could not be read.",
    )
    logo = _picture_field(
        "Logo of the portal",
        "Your clients see it on every page and in mails. PNG, about 400 px wide.",
        "[data-sample-logo]",
    )
    agency_logo = _picture_field("Your own logo", "For this console only; your clients never see it.")
    title = forms.CharField(
        label="Title",
        max_length=80,
        required=False,
        widget=forms.TextInput({"data-preview-text": "[data-sample-name]", "autocomplete": "off"}),
        help_text="What the portal calls itself. Empty: the name of your agency.",
    )
    favicon = _picture_field("Favicon", "The small picture in the browser's tab: a square of 64 px or more.")
    login_image = _picture_field(
        "Picture of the sign-in page", "Fills the half beside the form on wide screens."
    )

    def __init__(self, *args: Any, portal: PortalSettings, **options: Any) -> None:
        initial: dict[str, Any] = {"accent": portal.accent, "title": portal.title}
        for name in PICTURES:
            upload = getattr(portal, name)
            if upload:
                initial[name] = KeptPicture(upload, picture_url(name, upload))
        super().__init__(*args, initial=initial, **options)
        self.fields["accent"].widget.attrs["data-preview-theme"] = reverse("branding:preview-theme")

    def clean_accent(self) -> str:
        """A hex colour of six digits."""
        try:
            return parse_hex(self.cleaned_data["accent"])
        except ValueError as error:
            raise forms.ValidationError("Choose a colour, such as #0f766e.") from error

    def words(self) -> dict[str, str]:
        """The texts that may be changed."""
        return {name: self.cleaned_data[name] for name in self.open_names() if name not in PICTURES}

    def pictures(self) -> dict[str, Any]:
        """The pictures that were chosen, and None for those that are to be removed."""
        given = {name: self.cleaned_data.get(name) for name in self.open_names() if name in PICTURES}
        # A file field cleans to its initial value when nothing was chosen, to False when "remove" was ticked.
        chosen = {name: value for name, value in given.items() if not isinstance(value, KeptPicture)}
        return {name: value or None for name, value in chosen.items() if value is not None}


def picture_url(name: str, upload: Upload) -> str:
    """Where the console shows a picture of the brand."""
    return reverse("branding:picture", args=[name.replace("_", "-"), upload.pk])


class PortalForm(PlanForm):
    """What the portal says, and whether it is open."""

    is_open = forms.BooleanField(
        label="The portal is open",
        required=False,
        widget=Switch,
        help_text="Off: your clients see a short note that it is closed for now. Nothing is deleted.",
    )
    welcome_source = forms.CharField(
        label="Welcome message",
        required=False,
        max_length=LONGEST,
        widget=forms.Textarea({"rows": 8, "aria-describedby": "marks"}),
    )
    support_email = forms.EmailField(
        label="Support e-mail",
        required=False,
        help_text="Stands at the foot of every page of the portal.",
    )

    def __init__(self, *args: Any, portal: PortalSettings, **options: Any) -> None:
        initial = {
            "is_open": portal.is_open,
            "welcome_source": portal.welcome_source or source_of(portal.welcome),
            "support_email": portal.support_email,
        }
        super().__init__(*args, initial=initial, **options)

    def wanted(self) -> dict[str, Any]:
        """What may be changed."""
        given = {name: self.cleaned_data[name] for name in self.open_names()}
        if "welcome_source" in given:
            given["welcome_source"] = given["welcome_source"].replace("\r\n", "\n")
        return given


class SectionsForm(forms.Form):
    """A switch and a name for each section of the plan."""

    def __init__(self, *args: Any, sections: list[ShownSection], **options: Any) -> None:
        super().__init__(*args, **options)
        self.sections = sections
        is_full = current_agency().has("branding.full")
        for section in sections:
            own = section.module.name
            self.fields[f"on_{section.module.key}"] = forms.BooleanField(
                label=f"Show {own}", required=False, initial=section.is_on, widget=Switch
            )
            self.fields[f"name_{section.module.key}"] = forms.CharField(
                label=f"Name of {own}",
                required=False,
                max_length=40,
                disabled=not is_full,
                initial=section.name if section.name != own else "",
                widget=forms.TextInput({"placeholder": own, "autocomplete": "off"}),
            )

    def rows(self) -> list[dict[str, Any]]:
        """Section, switch and name side by side, as the page prints them."""
        last = len(self.sections) - 1
        return [
            {
                "section": section,
                "is_on": self[f"on_{section.module.key}"],
                "name": self[f"name_{section.module.key}"],
                "is_first": place == 0,
                "is_last": place == last,
            }
            for place, section in enumerate(self.sections)
        ]

    def wishes(self) -> list[Wish]:
        """What was chosen, in the order that the page showed."""
        given = self.cleaned_data
        keys = [section.module.key for section in self.sections]
        return [Wish(key, given[f"on_{key}"], self._name(key)) for key in keys]

    def _name(self, key: str) -> str:
        name = " ".join(str(self.cleaned_data[f"name_{key}"]).split())
        own = next(s.module.name for s in self.sections if s.module.key == key)
        return "" if name == own else name
