"""What the pages of sign-up ask."""

from typing import Any

from django import forms
from django.contrib.auth.password_validation import validate_password

from tenants.accounts.models import Account
from tenants.plans import Plan, limits
from tenants.signup.models import TRIAL_PLAN
from tenants.signup.sizes import storage_words
from tenants.signup.slugs import LONGEST
from tenants.signup.zones import zone_choices
from ui.forms import CodeInput, RadioCards

# The example client's address is this one with "+client" in it, and has to fit too.
LONGEST_EMAIL = 240


class EmailForm(forms.Form):
    email = forms.EmailField(
        label="Your work e-mail",
        max_length=LONGEST_EMAIL,
        widget=forms.EmailInput(attrs={"autocomplete": "email", "placeholder": "you@agency.com"}),
    )

    def clean_email(self) -> str:
        return str(self.cleaned_data["email"]).lower()


class CodeForm(forms.Form):
    code = forms.CharField(
        label="The code", widget=CodeInput, error_messages={"required": "Please type the six digits."}
    )

    def clean_code(self) -> str:
        """Only the digits: people paste codes with spaces."""
        code = "".join(c for c in self.cleaned_data["code"] if c in "0123456789")
        if len(code) != 6:
            raise forms.ValidationError("The code has six digits.")
        return code


class AgencyForm(forms.Form):
    """`known` people have a name and a password already; they may not change these from here."""

    name = forms.CharField(
        label="Your name", max_length=120, widget=forms.TextInput(attrs={"autocomplete": "name"})
    )
    agency_name = forms.CharField(
        label="Your agency's name",
        max_length=80,
        help_text="Your clients see it. You can change it later.",
        widget=forms.TextInput(attrs={"autocomplete": "organization", "data-slug-source": ""}),
    )
    slug = forms.CharField(
        label="Your portal's address",
        max_length=80,
        widget=forms.TextInput(
            attrs={"autocapitalize": "none", "autocomplete": "off", "spellcheck": "false", "data-slug": ""}
        ),
    )
    zone = forms.ChoiceField(
        label="Time zone",
        choices=zone_choices,
        help_text="Due dates and access count in it.",
        widget=forms.Select(attrs={"data-zone": ""}),
    )
    password = forms.CharField(
        label="Password",
        required=False,
        max_length=200,
        help_text="Without one you sign in with a code by mail.",
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )

    def __init__(self, *args: Any, email: str, known: Account | None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.email = email
        if known is not None:
            del self.fields["password"]
            if known.name:
                del self.fields["name"]

    def clean_slug(self) -> str:
        slug = str(self.cleaned_data["slug"]).strip().lower()
        if len(slug) > LONGEST:
            raise forms.ValidationError(f"At most {LONGEST} characters, please.")
        return slug

    def clean_password(self) -> str:
        password = str(self.cleaned_data.get("password", ""))
        if password:
            person = Account(email=self.email, name=self.cleaned_data.get("name", ""))
            validate_password(password, person)
        return password


def _plan_words(plan: Plan) -> str:
    most = limits(plan)
    clients = f"{most.clients} clients" if most.clients else "Clients without limit"
    staff = f"{most.staff} people of your agency" if most.staff else "your whole team"
    return f"{plan.label}|{clients}, {staff}, {storage_words(most.storage)}"


class PlanForm(forms.Form):
    plan = forms.TypedChoiceField(
        label="Your plan",
        coerce=lambda value: Plan(int(value)),
        choices=lambda: [(plan.value, _plan_words(plan)) for plan in Plan],
        initial=TRIAL_PLAN.value,
        widget=RadioCards,
    )
