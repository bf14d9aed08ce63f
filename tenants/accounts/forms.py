"""What the account pages ask."""

from typing import Any

from allauth.account.forms import ChangePasswordForm as AllauthChange
from allauth.account.forms import ResetPasswordKeyForm as AllauthReset
from allauth.account.forms import SetPasswordForm as AllauthSet
from django import forms

from tenants.accounts.models import Account


class NameForm(forms.ModelForm):  # type: ignore[type-arg]
    class Meta:
        model = Account
        fields = ["name"]
        widgets = {"name": forms.TextInput(attrs={"autocomplete": "name"})}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["name"].label = "Your name"
        self.fields["name"].required = True


PASSWORD_HELP = "At least 8 characters, and not one that many people use."


class ChangePasswordForm(AllauthChange):  # type: ignore[misc]
    """allauth's, in our words."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _in_our_words(self)


class SetPasswordForm(AllauthSet):  # type: ignore[misc]
    """allauth's, in our words."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _in_our_words(self)


class ResetPasswordKeyForm(AllauthReset):  # type: ignore[misc]
    """allauth's, in our words."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _in_our_words(self)


def _in_our_words(form: forms.Form) -> None:
    labels = {"oldpassword": "Your password now", "password1": "The new password", "password2": "Once more"}
    for name, field in form.fields.items():
        field.label = labels.get(name, field.label)
        field.help_text = PASSWORD_HELP if name == "password1" else ""
        field.widget.attrs.pop("placeholder", None)
