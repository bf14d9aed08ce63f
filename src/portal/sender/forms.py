"""Forms of the sender."""

import re

from django import forms

LOCAL = re.compile(r"[a-z0-9](?:[a-z0-9._+-]{0,62}[a-z0-9])?")
# What would end a header or make a name look like another address.
FORBIDDEN = re.compile(r'[\x00-\x1f\x7f\u2028\u2029<>@"\\]')


class SenderForm(forms.Form):
    """In whose name mails go out."""

    name = forms.CharField(
        label="Name of the sender",
        max_length=80,
        required=False,
        strip=True,
        widget=forms.TextInput({"autocomplete": "off"}),
        help_text="Stands before the address in your clients’ inbox. Empty: the title of your portal.",
    )
    reply_to = forms.EmailField(
        label="Answers go to",
        max_length=254,
        required=False,
        help_text="Where an answer to a mail arrives. Empty: your support e-mail.",
    )

    def clean_name(self) -> str:
        """A name, and nothing that reads like an address."""
        given: str = self.cleaned_data["name"]
        if FORBIDDEN.search(given):
            raise forms.ValidationError("Write a name without line breaks, quotation marks, @, < and >.")
        return " ".join(given.split())

    def clean_reply_to(self) -> str:
        """An address that fits into a header."""
        given: str = self.cleaned_data["reply_to"]
        if not given.isprintable() or not given.isascii():
            raise forms.ValidationError("Use an address in plain letters.")
        return given


class DomainForm(forms.Form):
    """A sending domain."""

    local_part = forms.CharField(
        label="Before the @",
        max_length=64,
        initial="hello",
        widget=forms.TextInput({"autocomplete": "off", "autocapitalize": "none"}),
    )
    domain = forms.CharField(
        label="Domain",
        max_length=300,
        widget=forms.TextInput({"placeholder": "mail.your-agency.com", "autocapitalize": "none"}),
        help_text="A domain whose DNS you can change. A name of its own, such as mail.your-agency.com, keeps the "
        "mails of your office apart.",
    )

    def clean_local_part(self) -> str:
        """Letters, digits, dot, hyphen."""
        given = str(self.cleaned_data["local_part"]).strip().lower()
        if not LOCAL.fullmatch(given) or ".." in given:
            raise forms.ValidationError("Use letters, digits, dots and hyphens, such as hello.")
        return given
