"""Every form comes out alike: label, control, help and errors that belong together."""

import re
from datetime import date

from django import forms
from django.template import Context, Template
from django.test import override_settings

from ui.forms import CodeInput, ColorInput, DateInput, FileDrop, RadioCards, Renderer, Switch


class SampleForm(forms.Form):
    default_renderer = Renderer

    name = forms.CharField(help_text="Your client reads it.")
    note = forms.CharField(required=False)
    open = forms.BooleanField(widget=Switch, required=False)
    rule = forms.ChoiceField(widget=RadioCards, choices=[("any", "Any|One is enough."), ("all", "All")])
    parts = forms.MultipleChoiceField(widget=forms.CheckboxSelectMultiple, choices=[("a", "A"), ("b", "B")])
    accent = forms.CharField(widget=ColorInput)
    due = forms.DateField(widget=DateInput)
    logo = forms.FileField(widget=FileDrop(attrs={"accept": "image/png"}))
    code = forms.CharField(widget=CodeInput)
    secret = forms.CharField(widget=forms.HiddenInput, initial="s")


def test_labels_help_and_errors_are_tied_to_their_control() -> None:
    page = str(SampleForm({"open": "on"}))
    assert '<label class="field__label" for="id_name">Name</label>' in page
    control = re.search(r'<input type="text" name="name"[^>]*>', page)
    assert control and 'aria-describedby="id_name_helptext id_name_error"' in control[0]
    assert 'aria-invalid="true"' in control[0]
    assert 'id="id_name_helptext"' in page and 'id="id_name_error"' in page


def test_every_id_that_is_pointed_at_exists_once() -> None:
    for form in (SampleForm(), SampleForm({})):
        page = str(form)
        ids = re.findall(r'\bid="([^"]+)"', page)
        assert len(ids) == len(set(ids))
        pointed = {
            part
            for found in re.findall(r'(?:for|aria-describedby)="([^"]+)"', page)
            for part in found.split()
        }
        assert pointed <= set(ids)


def test_groups_are_fieldsets_and_optional_fields_say_so() -> None:
    page = str(SampleForm())
    assert page.count("<fieldset") == 2
    assert page.count("field__optional") == 1
    assert '<span class="choice__note">One is enough.</span>' in page


def test_hidden_fields_have_no_row() -> None:
    page = str(SampleForm())
    assert '<input type="hidden" name="secret" value="s" id="id_secret">' in page
    assert "Secret" not in page


def test_what_is_wrong_is_said_once_at_the_top() -> None:
    assert "fields need another look" in str(SampleForm({"name": "x"}))
    assert 'role="alert"' not in str(SampleForm())


def test_a_field_takes_attributes_from_the_page_and_forgets_them() -> None:
    form = SampleForm()
    source = Template(
        '{% load ui %}{% field form.name autocomplete="organization" data_preview_text="#name" %}'
    )
    drawn = source.render(Context({"form": form}))
    assert 'autocomplete="organization"' in drawn and 'data-preview-text="#name"' in drawn
    assert "autocomplete" not in str(SampleForm()["name"])


def test_what_was_typed_comes_back_as_text() -> None:
    assert "<script>" not in str(SampleForm({"name": "<script>", "accent": '"><script>', "rule": "<script>"}))


def test_dates_are_what_the_browsers_picker_takes() -> None:
    with override_settings(LANGUAGE_CODE="de"):
        form = SampleForm(initial={"due": date(2026, 3, 14)})
        assert 'type="date" name="due" value="2026-03-14"' in str(form["due"])
