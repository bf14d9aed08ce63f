"""Forms of signing in."""

import re

from django import forms
from django.contrib.auth.password_validation import validate_password

from portal.people.models import Client
from ui.forms import CodeInput


class EmailForm(forms.Form):
    """Whom to mail a link. Any address that can exist is fine: who is known here is nobody's business."""

    email = forms.EmailField(
        label="E-mail",
        max_length=254,
        error_messages={"invalid": "This is not an e-mail address. Please check it for typos."},
        widget=forms.EmailInput(attrs={"autocomplete": "email webauthn", "autocapitalize": "off"}),
    )


class CodeForm(forms.Form):
    """The six digits from the mail; spaces and dashes of a pasted code are fine."""

    code = forms.CharField(label="6-digit code", max_length=20, widget=CodeInput)

    def clean_code(self) -> str:
        code = re.sub(r"[\s\u2010-\u2015-]", "", self.cleaned_data["code"])
        if not re.fullmatch(r"[0-9]{6}", code):
            raise forms.ValidationError("The code has six digits.")
        return code


class PasswordSignInForm(forms.Form):
    """Address and password."""

    email = forms.EmailField(
        label="E-mail",
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "username", "autocapitalize": "off"}),
    )
    password = forms.CharField(
        label="Password",
        max_length=200,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )


class PasswordProofForm(forms.Form):
    """The password of somebody who is signed in already."""

    password = forms.CharField(
        label="Password",
        max_length=200,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )


class NewPasswordForm(forms.Form):
    """A new password, by Django's validators."""

    password = forms.CharField(
        label="New password",
        max_length=200,
        strip=False,
        help_text="At least 8 characters; none that is among the most common.",
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )
    again = forms.CharField(
        label="The same again",
        max_length=200,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )

    def __init__(self, *args: object, client: Client, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self._client = client

    def clean_password(self) -> str:
        password: str = self.cleaned_data["password"]
        validate_password(password, self._client)  # type: ignore[arg-type]
        return password

    def clean(self) -> None:
        first, second = self.cleaned_data.get("password"), self.cleaned_data.get("again")
        if first and second and first != second:
            self.add_error("again", "The two passwords are not the same.")


class PasskeyForm(forms.Form):
    """A new passkey: its name, and what the browser made (filled in by the script)."""

    name = forms.CharField(
        label="Name",
        max_length=80,
        help_text="So that you recognise it, e.g. “My phone”.",
        initial="My passkey",
    )
    credential = forms.CharField(max_length=20_000, widget=forms.HiddenInput)


class PasskeyNameForm(forms.Form):
    """A passkey's name."""

    name = forms.CharField(label="Name", max_length=80)
