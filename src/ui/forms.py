"""How forms are drawn: `FORM_RENDERER = "ui.forms.Renderer"` and a few widgets.

`{{ form }}`, `{{ form.name.as_field_group }}` and `{% field form.name %}` all end in ui/forms/field.html, so
every form of the product, the libraries' included, looks alike.
"""

from typing import Any

from django import forms
from django.forms.renderers import TemplatesSetting


class Renderer(TemplatesSetting):
    """Django's form renderer with our templates. Needs "django.forms" in INSTALLED_APPS, after "ui"."""

    form_template_name = "ui/forms/form.html"
    formset_template_name = "ui/forms/formset.html"
    field_template_name = "ui/forms/field.html"


class Switch(forms.CheckboxInput):
    """A yes or no that is drawn as a switch; the words stand before it."""

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__({"class": "switch", "role": "switch", **(attrs or {})})


class RadioCards(forms.RadioSelect):
    """Few choices that deserve a sentence each. A choice's label may be "Words|what it means"."""

    template_name = "ui/forms/radio_cards.html"


class ColorInput(forms.TextInput):
    """The browser's colour picker; sends `#rrggbb`."""

    input_type = "color"
    template_name = "ui/forms/color.html"


class DateInput(forms.DateInput):
    """The browser's date picker. ISO format, which is the only one browsers take as a value."""

    input_type = "date"

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__(attrs, format="%Y-%m-%d")


class FileDrop(forms.ClearableFileInput):
    """A file field one can drop onto; `accept` goes in `attrs`. Without JavaScript a plain field."""

    template_name = "ui/forms/file_drop.html"


class ManyFilesField(forms.FileField):
    """Several files at once; answers a list, empty when there are none and none are required."""

    def __init__(self, *, attrs: dict[str, Any] | None = None, **options: Any) -> None:
        super().__init__(widget=_ManyFiles({"multiple": True, **(attrs or {})}), **options)

    def clean(self, value: Any, initial: Any = None) -> list[Any]:
        wanted = value if isinstance(value, list | tuple) else [value] if value else []
        clean = super().clean
        return [file for one in wanted or [None] if (file := clean(one, initial))]


class _ManyFiles(FileDrop):
    allow_multiple_selected = True


class CodeInput(forms.TextInput):
    """Six digits from a mail. One field, not six: it can be pasted and is read out as one."""

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        usual = {
            "class": "code-input",
            "inputmode": "numeric",
            "autocomplete": "one-time-code",
            "maxlength": "6",
            "pattern": "[0-9]{6}",
            "placeholder": "000000",
            "data-code": "",
        }
        super().__init__({**usual, **(attrs or {})})
