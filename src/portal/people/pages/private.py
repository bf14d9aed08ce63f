"""Staff say which of a company's people see one record."""

from typing import Any

from django import forms
from django.apps import apps
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from portal.forms import carry_out
from portal.http import Request
from portal.people import private
from portal.people.models import Client, Company
from portal.people.owned import OwnedRecord


class PrivateForm(forms.Form):
    """Who of the company sees it."""

    people = forms.ModelMultipleChoiceField(
        Client.objects.none(),
        label="Only these people",
        required=False,
        widget=forms.CheckboxSelectMultiple(),
        help_text="Nobody chosen: everybody who acts for the company, as far as their rights go.",
    )

    def __init__(self, *args: Any, owned: OwnedRecord, **options: Any) -> None:
        options["initial"] = {"people": owned.private_to}
        super().__init__(*args, **options)
        acting = Client.objects.filter(memberships__company=owned.company_id).order_by("name", "pk")
        self.fields["people"].queryset = acting  # type: ignore[attr-defined]


@require_http_methods(["GET", "HEAD", "POST"])
def show(request: Request, kind: str, pk: int) -> HttpResponse:
    """The people of the record's company, to choose from."""
    owned = _owned(request, kind, pk)
    form = PrivateForm(request.POST if request.method == "POST" else None, owned=owned)
    back = reverse(owned.console_page, args=[owned.pk])

    def keep(*, people: Any) -> None:
        private.keep_private(owned, people, by=request.staff, request=request)

    if request.method == "POST" and carry_out(form, keep):
        chosen = form.cleaned_data["people"]
        messages.success(request, _words(list(chosen), owned))
        return redirect(back)
    context = {"form": form, "owned": owned, "back": back}
    return render(request, "console/people/private.html", context, status=422 if form.errors else 200)


def _words(chosen: list[Client], owned: OwnedRecord) -> str:
    if not chosen:
        return f"Saved. Everybody who acts for {owned.owner} sees it as far as their rights go."
    names = ", ".join(client.shown_name for client in chosen)
    return f"Saved. Of {owned.owner}, only {names} can see it now."


def _owned(request: Request, kind: str, pk: int) -> OwnedRecord:
    models = {model._meta.label_lower: model for model in apps.get_models() if issubclass(model, OwnedRecord)}
    model = models.get(kind)
    if model is None or not model.console_page:
        raise Http404
    # The page names the company's people: who only leads the record does not see them.
    served = Company.objects.order_by().served_by(request.staff)
    owned: OwnedRecord = get_object_or_404(model._default_manager.filter(company__in=served), pk=pk)
    return owned
