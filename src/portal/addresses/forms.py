"""What the pages of addresses ask."""

from django import forms


class NameForm(forms.Form):
    """The name that the portal is to answer on. What is wrong with one is said by `tenants.domains.names`."""

    host = forms.CharField(
        label="Your address",
        max_length=300,
        help_text="For example portal.your-agency.com. Use a name that nothing else answers on.",
        widget=forms.TextInput(
            {
                "autocomplete": "off",
                "autocapitalize": "none",
                "spellcheck": "false",
                "inputmode": "url",
                "placeholder": "portal.your-agency.com",
            }
        ),
    )


class InstructionsForm(forms.Form):
    """To whom the instructions go."""

    email = forms.EmailField(
        label="Their e-mail", max_length=254, help_text="Whoever can change the DNS of your domain."
    )
