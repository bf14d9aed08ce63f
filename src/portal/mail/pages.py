"""Console pages of mails, for owners and admins: the list, the editor with its preview, and how items gather."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.template.loader import render_to_string
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.http import require_http_methods, require_POST

from kit.refused import Refused
from portal.branding.forms import picture_url
from portal.gate import managers_only, works_read_only
from portal.http import Request
from portal.mail import queries, trying, wordings
from portal.mail.checking import problems_of
from portal.mail.defaults import FIELDS, Words
from portal.mail.forms import GatheringForm, WordsForm
from portal.mail.gathering import change_window, window_minutes
from portal.mail.languages import Language, languages_of_mails
from portal.mail.models import Wording
from portal.mail.placeholders import known_to
from portal.mail.rendering import RenderedMail, render_mail
from portal.module import Email, Kind

_HISTORY = 10
# The preview is a document of its own in a frame: styles as mails have them, and nothing that could act.
_PREVIEW_POLICY = (
    "sandbox allow-same-origin; default-src 'none'; style-src 'unsafe-inline'; img-src 'self' data:;"
    " frame-ancestors 'self'; base-uri 'none'; form-action 'none'"
)


@managers_only
@require_http_methods(["GET", "POST"])
def index(request: Request) -> HttpResponse:
    """Every mail, who gets it and when; and for how long new items wait for one another."""
    form = GatheringForm(
        request.POST if request.method == "POST" else None, initial={"minutes": window_minutes()}
    )
    if request.method == "POST" and form.is_valid():
        try:
            changed = change_window(form.cleaned_data["minutes"], by=request.staff, request=request)
        except Refused as refused:
            form.add_error(refused.field or None, refused.words)
        else:
            messages.success(
                request, "Saved. It counts from the next item on." if changed else "Nothing was changed."
            )
            return redirect("mail:index")
    languages = languages_of_mails()
    page = {
        "form": form,
        "languages": languages,
        "sections": queries.mails_by_section(languages),
        "broken": queries.broken_mails(languages),
    }
    return render(request, "console/mails/index.html", page, status=422 if form.errors else 200)


@managers_only
@require_http_methods(["GET", "POST"])
def edit(request: Request, key: str, code: str) -> HttpResponse:
    """The words of one mail in one language."""
    email, language = _asked(key, code)
    newest = wordings.newest_of(email, code)
    words = wordings.shown_words(email, code)
    form = WordsForm(
        request.POST if request.method == "POST" else None, words=words, seen=newest.pk if newest else 0
    )
    if request.method == "POST" and form.is_valid():
        done = (
            _try(request, form, email, code) if "test" in request.POST else _save(request, form, email, code)
        )
        if done:
            return redirect("mail:edit", key, code)
    status = 422 if form.errors else 200
    return render(
        request, "console/mails/edit.html", _page(request, form, email, language, newest), status=status
    )


@works_read_only
@xframe_options_sameorigin
@managers_only
@require_http_methods(["GET", "POST"])
def preview(request: Request, key: str, code: str) -> HttpResponse:
    """The mail as its reader would see it: saved words, or by POST those that are being written."""
    email, _ = _asked(key, code)
    words = wordings.shown_words(email, code)
    if request.method == "POST":
        words = Words(**{name: request.POST.get(name, "").replace("\r\n", "\n") for name in FIELDS})
    asked = request.POST if request.method == "POST" else request.GET
    if problems := problems_of(email, words):
        response = render(request, "console/mails/preview_problems.html", {"problems": problems})
    else:
        values = queries.preview_values(email, asked.get("with", ""), request.staff)
        logo = request.portal_settings.logo
        brand = {"logo_url": picture_url("logo", logo)} if logo else {}
        mail = render_mail(email, values, wording=words, language=code, brand=brand)
        response = _shown(request, mail, as_text="text" in asked)
    response["Content-Security-Policy"] = _PREVIEW_POLICY
    return response


def _shown(request: Request, mail: RenderedMail, *, as_text: bool) -> HttpResponse:
    if as_text:
        return render(request, "console/mails/preview_text.html", {"mail": mail})
    # The mail's own HTML, escaped where it was made, under its subject. Its links would leave the frame.
    head = render_to_string("console/mails/preview_head.html", {"mail": mail})
    return HttpResponse(mail.html.replace("<body>", f"<body>{head}", 1))


@managers_only
@require_POST
def reset(request: Request, key: str, code: str) -> HttpResponse:
    """Back to the words that the mail came with."""
    email, _ = _asked(key, code)
    if wordings.reset_words(email, code, by=request.staff, request=request):
        messages.success(request, "Reset. Your own words are kept under Earlier versions.")
    else:
        messages.info(request, "Nothing was changed: these are the words it came with.")
    return redirect("mail:edit", key, code)


@managers_only
@require_POST
def version(request: Request, key: str, code: str, version_id: int) -> HttpResponse:
    """Bring an earlier version back; 0 is what stood before the first change."""
    email, _ = _asked(key, code)
    rows = Wording.objects.filter(email=key, language=code)
    row = get_object_or_404(rows, pk=version_id) if version_id else None
    try:
        changed = wordings.bring_back(row, email, code, by=request.staff, request=request)
    except Refused as refused:
        messages.error(request, f"That version cannot be used any more. {refused.words}")
    else:
        messages.success(request, "These words count again." if changed else "Nothing was changed.")
    return redirect("mail:edit", key, code)


def _asked(key: str, code: str) -> tuple[Email, Language]:
    email = queries.editable().get(key)
    language = next((one for one in languages_of_mails() if one.code == code), None)
    if email is None or language is None:
        raise Http404
    return email, language


def _save(request: Request, form: WordsForm, email: Email, code: str) -> bool:
    seen = form.cleaned_data["seen"] or 0
    try:
        changed = wordings.change_words(
            email, code, form.words(), by=request.staff, seen=seen, request=request
        )
    except wordings.BadWording as refused:
        form.show_problems(refused.problems)
        return False
    except wordings.ChangedMeanwhile as refused:
        form.add_error(None, refused.words)
        newest = wordings.newest_of(email, code)
        given = request.POST.copy()
        given["seen"] = str(newest.pk if newest else 0)
        form.data = given
        return False
    messages.success(
        request, "Saved. The next mail says it like this." if changed else "Nothing was changed."
    )
    return True


def _try(request: Request, form: WordsForm, email: Email, code: str) -> bool:
    try:
        trying.send_test(email, code, form.words(), request.POST.get("with", ""), by=request.staff)
    except wordings.BadWording as refused:
        form.show_problems(refused.problems)
    except Refused as refused:
        form.add_error(None, refused.words)
    else:
        messages.success(request, f"A test is on its way to {request.staff.email}. Nothing was saved.")
    return False


def _page(
    request: Request, form: WordsForm, email: Email, language: Language, newest: Wording | None
) -> dict[str, Any]:
    rows = Wording.objects.filter(email=email.key, language=language.code).select_related("by")
    history = list(rows.order_by("-pk")[: _HISTORY + 1])
    choices = queries.preview_choices(email, request.staff)
    chosen = request.POST.get("with") or choices[0][0]
    is_changed = newest is not None and not newest.is_default
    known = known_to(email)
    return {
        "form": form,
        "email": email,
        "shown_in": language,
        "languages": languages_of_mails(),
        "is_changed": is_changed,
        "is_broken": is_changed and newest and problems_of(email, wordings.words_of(newest)),
        "placeholders": [(name, one) for name, one in known.items() if one.kind is not Kind.FLAG],
        "flags": [(name, one) for name, one in known.items() if one.kind is Kind.FLAG],
        "history": history[:_HISTORY],
        "before_last": history[1].pk if len(history) > 1 else 0,
        "choices": choices,
        "chosen": chosen,
    }
