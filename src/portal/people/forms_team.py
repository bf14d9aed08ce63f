"""What owners and admins type about their team, and what somebody types who joins it."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.contrib.auth.password_validation import validate_password

from portal.people.models import Client, Company, Staff
from portal.people.roles import may_make
from tenants.accounts.forms import PASSWORD_HELP
from tenants.agencies.current import current_agency
from ui.forms import CodeInput, DateInput, RadioCards, Switch

MOST_OFFERED = 500
ROLES = {
    Staff.Role.MEMBER: "Member|Does the daily work: projects, invoices, clients.",
    Staff.Role.ADMIN: "Admin|Also branding, keys, payments, access and the team.",
    Staff.Role.OWNER: "Owner|Also plan and billing, and everything about owners.",
}
SEES = [
    ("all", "All clients|As most teams do."),
    ("some", "Only chosen ones|And lead only what is of these."),
]


class ScopeForm(forms.Form):
    """Whom a member sees."""

    # Asked for: a form that came without it must not open everything.
    sees = forms.ChoiceField(label="A member sees", choices=SEES, initial="all", widget=RadioCards())
    companies = forms.ModelMultipleChoiceField(
        Company.objects.none(), required=False, widget=forms.CheckboxSelectMultiple()
    )
    clients = forms.ModelMultipleChoiceField(
        Client.objects.none(),
        label="Clients on their own",
        required=False,
        widget=forms.CheckboxSelectMultiple(),
    )

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        chosen: Sequence[int] = self.initial.get("clients", [])
        alone = Client.objects.filter(removed_at__isnull=True, companies__isnull=True)
        offered = alone | Client.objects.filter(pk__in=list(chosen), removed_at__isnull=True)
        for name, rows in (("companies", Company.objects.order_by("name", "pk")),
                           ("clients", offered.distinct().order_by("name", "pk"))):  # fmt: skip
            field = self.fields[name]
            assert isinstance(field, forms.ModelMultipleChoiceField)
            field.queryset = rows

    def clean(self) -> dict[str, Any]:
        """The ids of the chosen ones, where only chosen ones are seen."""
        read = super().clean() or {}
        some = read.get("sees") != "all"
        return read | {
            "sees_all": not some,
            "company_ids": [one.pk for one in read.get("companies") or []] if some else [],
            "client_ids": [one.pk for one in read.get("clients") or []] if some else [],
        }

    @property
    def scope(self) -> dict[str, Any]:
        """What the operations take."""
        return {name: self.cleaned_data[name] for name in ("sees_all", "company_ids", "client_ids")}


class RoleForm(forms.Form):
    """A colleague's role, of those that the reader may give."""

    role = forms.ChoiceField(label="Works here as", widget=RadioCards())

    def __init__(self, *args: Any, by: Staff, **more: Any) -> None:
        super().__init__(*args, **more)
        _offer_roles(self, by, [Staff.Role.MEMBER, Staff.Role.ADMIN, Staff.Role.OWNER])


class InviteStaffForm(ScopeForm):
    """Who is asked to join, as what, and whom they see."""

    email = forms.EmailField(label="E-mail", max_length=240, widget=forms.EmailInput({"autocomplete": "off"}))
    role = forms.ChoiceField(label="As", widget=RadioCards(), initial=Staff.Role.MEMBER)
    field_order = ("email", "role", "sees", "companies", "clients")

    def __init__(self, *args: Any, by: Staff, **more: Any) -> None:
        super().__init__(*args, **more)
        _offer_roles(self, by, [Staff.Role.MEMBER, Staff.Role.ADMIN])


class TeamSettingsForm(forms.Form):
    """What owners ask of everybody."""

    second_factor_from = forms.DateField(
        label="Two-step sign-in for everybody, from",
        required=False,
        widget=DateInput(),
        help_text="Until that day everybody is asked to set it up; from it on nobody works here without it."
        " Empty: everybody decides alone.",
    )
    members_may_view = forms.BooleanField(
        label="Members may see the portal as a client", required=False, widget=Switch(),
        help_text="Off: only owners and admins.",
    )  # fmt: skip

    def clean_second_factor_from(self) -> Any:
        """A day that is over means from today on."""
        day = self.cleaned_data["second_factor_from"]
        if (
            day is not None
            and day < current_agency().today()
            and day != self.initial.get("second_factor_from")
        ):
            raise forms.ValidationError("This day is over. Choose today or a later one.")
        return day


class OwnershipForm(forms.Form):
    """To whom the agency is handed over."""

    to = forms.ModelChoiceField(Staff.objects.none(), label="New owner", empty_label="Choose a colleague")

    def __init__(self, *args: Any, by: Staff, **more: Any) -> None:
        super().__init__(*args, **more)
        to = self.fields["to"]
        assert isinstance(to, forms.ModelChoiceField)
        others = Staff.objects.filter(is_active=True).exclude(pk=by.pk).exclude(role=Staff.Role.OWNER)
        to.queryset = others.order_by("name", "pk")


class NewLoginForm(forms.Form):
    """Name and password of somebody who has no login yet."""

    name = forms.CharField(
        label="Your name", max_length=120, widget=forms.TextInput({"autocomplete": "name"})
    )
    password = forms.CharField(
        label="A password",
        max_length=200,
        strip=False,
        widget=forms.PasswordInput({"autocomplete": "new-password"}),
        help_text=PASSWORD_HELP,
    )

    def clean_password(self) -> str:
        """Not one of those that are guessed first."""
        password: str = self.cleaned_data["password"]
        validate_password(password)
        return password


class JoinCodeForm(forms.Form):
    """The code from the mail to the invited address."""

    code = forms.RegexField(r"^[0-9]{6}\Z", label="Code", widget=CodeInput())


def _offer_roles(form: forms.Form, by: Staff, roles: Sequence[str]) -> None:
    field = form.fields["role"]
    assert isinstance(field, forms.ChoiceField)
    field.choices = [(role, ROLES[Staff.Role(role)]) for role in roles if may_make(by, role)]
