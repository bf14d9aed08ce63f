"""The steps of sign-up, each a page of its own."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from kit import clock
from kit.refused import Refused
from tenants.accounts.hand_over import may_be_handed_over, offer
from tenants.accounts.logins import account_with_email
from tenants.agencies.current import console_origin
from tenants.plans import Plan
from tenants.ratelimits.operations import take
from tenants.signup import operations, queries
from tenants.signup.browser import at_step, remember, sign_up_of
from tenants.signup.forms import AgencyForm, CodeForm, EmailForm, PlanForm
from tenants.signup.joining import finish
from tenants.signup.models import SignUp, Step

# The cookie of a finished sign-up opens the console for this long; afterwards one signs in.
HAND_OVER_SECONDS = 30 * 60
get_or_post = require_http_methods(["GET", "HEAD", "POST"])


@get_or_post
def start(request: HttpRequest) -> HttpResponse:
    """The e-mail address. A browser that is under way goes on where it was."""
    sign_up = sign_up_of(request)
    if request.method != "POST" and sign_up and not sign_up.finished_at and "other" not in request.GET:
        return redirect(f"signup:{sign_up.step}")
    form = EmailForm(request.POST or None, initial={"email": sign_up.email if sign_up else ""})
    if request.method == "POST" and form.is_valid():
        try:
            _, secret = operations.start(email=form.cleaned_data["email"], ip=_ip(request))
        except Refused as refused:
            form.add_error("email", refused.words)
        else:
            return remember(redirect("signup:code"), secret)
    return _page(request, "signup/start.html", Step.CODE, form=form, last=sign_up)


@get_or_post
@at_step(Step.CODE)
def code(request: HttpRequest, sign_up: SignUp) -> HttpResponse:
    """The six digits, in the browser that asked for them."""
    return _take_code(request, sign_up)


@get_or_post
def code_elsewhere(request: HttpRequest, sign_up_id: str) -> HttpResponse:
    """The same on whichever device the mail was opened. The page tells nothing: not even the address."""
    mine = sign_up_of(request)
    if mine is not None and str(mine.pk) == str(sign_up_id):
        return redirect(f"signup:{mine.step}")
    sign_up = SignUp.objects.filter(pk=sign_up_id, verified_at=None).first()
    if sign_up is None:
        return redirect("signup:start")
    return _take_code(request, sign_up, elsewhere=True)


def _take_code(request: HttpRequest, sign_up: SignUp, *, elsewhere: bool = False) -> HttpResponse:
    form = CodeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            sign_up, secret = operations.verify(sign_up, code=form.cleaned_data["code"], ip=_ip(request))
        except Refused as refused:
            form.add_error("code", refused.words)
        else:
            return remember(redirect(f"signup:{sign_up.step}"), secret)
    return _page(request, "signup/code.html", Step.CODE, form=form, sign_up=sign_up, elsewhere=elsewhere)


@require_POST
@at_step(Step.CODE)
def resend(request: HttpRequest, sign_up: SignUp) -> HttpResponse:
    """Another code; the first one ends."""
    try:
        operations.send_code(sign_up)
        messages.success(request, "A new code is on its way. The older one does not work any more.")
    except Refused as refused:
        messages.error(request, refused.words)
    return redirect("signup:code")


@get_or_post
@at_step(Step.AGENCY, Step.PLAN)
def agency(request: HttpRequest, sign_up: SignUp) -> HttpResponse:
    """Who you are, what the agency is called and where its portal lives."""
    known = account_with_email(sign_up.email)
    form = AgencyForm(_answers(request), initial=_kept(sign_up), email=sign_up.email, known=known)
    if request.method == "POST" and form.is_valid():
        answers = form.cleaned_data
        answers.setdefault("name", known.name if known else "")
        try:
            operations.name_agency(sign_up, **answers)
        except operations.AddressTaken as taken:
            return _agency_page(request, form, sign_up, taken)
        return redirect("signup:plan")
    return _agency_page(request, form, sign_up)


def _agency_page(
    request: HttpRequest, form: AgencyForm, sign_up: SignUp, taken: operations.AddressTaken | None = None
) -> HttpResponse:
    if taken is not None:
        form.add_error("slug", taken.words)
    found = taken.suggestions if taken else []
    return _page(request, "signup/agency.html", Step.AGENCY, form=form, sign_up=sign_up, suggestions=found)


@require_safe
@at_step(Step.AGENCY, Step.PLAN)
def address(request: HttpRequest, sign_up: SignUp) -> HttpResponse:
    """The live check while typing: free, or not and what is."""
    slug = request.GET.get("slug", "").strip().lower()[:80]
    if not slug or take(f"start:address:{sign_up.pk}", most=240, per_seconds=60):
        return HttpResponse(status=204)
    words = queries.problem_with(slug)
    found = queries.suggest(request.GET.get("agency_name", "")[:80], slug) if words else []
    return render(request, "signup/_address.html", {"slug": slug, "words": words, "suggestions": found})


@get_or_post
@at_step(Step.PLAN)
def plan(request: HttpRequest, sign_up: SignUp) -> HttpResponse:
    """The plan to try; sending it makes the portal."""
    form = PlanForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            finish(sign_up, plan=form.cleaned_data["plan"])
        except operations.AddressTaken as taken:
            return _ask_again(request, sign_up, taken)
        except Refused as refused:
            form.add_error(None, refused.words)
        else:
            return redirect("signup:ready")
    return _page(request, "signup/plan.html", Step.PLAN, form=form, sign_up=sign_up, plans=list(Plan))


def _ask_again(request: HttpRequest, sign_up: SignUp, taken: operations.AddressTaken) -> HttpResponse:
    """Somebody was faster: the form of the step before, with what was typed and what is free."""
    answers = {key: value for key, value in _kept(sign_up).items() if value}
    form = AgencyForm(answers, email=sign_up.email, known=account_with_email(sign_up.email))
    form.is_valid()
    return _agency_page(request, form, sign_up, taken)


@require_safe
@at_step(Step.READY)
def ready(request: HttpRequest, sign_up: SignUp) -> HttpResponse:
    """The portal is live."""
    assert sign_up.agency is not None
    current = sign_up.agency.current()
    console = f"{console_origin()}/accounts/enter/" if _may_enter(sign_up) else current.console_url("/")
    return _page(
        request, "signup/ready.html", Step.READY, sign_up=sign_up, agency=current, console_url=console
    )


@require_safe
def enter(request: HttpRequest) -> HttpResponse:
    """Second leg of the hand-over: the console's host has sent this browser with the hash of its secret."""
    sign_up = sign_up_of(request)
    state = request.GET.get("state", "")
    if sign_up is None or sign_up.agency is None or sign_up.account is None:
        return redirect(f"{console_origin()}/accounts/login/")
    if not _may_enter(sign_up) or len(state) != 64:
        return redirect(sign_up.agency.current().console_url("/"))
    ticket = offer(sign_up.account, state_hash=state, path=f"/{sign_up.agency.slug}/")
    return redirect(f"{console_origin()}/accounts/enter/{ticket}/")


def _may_enter(sign_up: SignUp) -> bool:
    if sign_up.account is None or sign_up.finished_at is None:
        return False
    age = (clock.now() - sign_up.finished_at).total_seconds()
    return age < HAND_OVER_SECONDS and may_be_handed_over(sign_up.account)


def _answers(request: HttpRequest) -> Any:
    """What was sent; a press on a suggested address puts that in place of the one typed."""
    if request.method != "POST":
        return None
    answers = request.POST.copy()
    if picked := answers.get("pick"):
        answers["slug"] = picked
    return answers


def _kept(sign_up: SignUp) -> dict[str, Any]:
    return {
        "name": sign_up.name,
        "agency_name": sign_up.agency_name,
        "slug": sign_up.slug,
        "zone": sign_up.zone or "UTC",
    }


def _page(request: HttpRequest, template: str, step: Step, **context: Any) -> HttpResponse:
    reached = list(Step).index(step)
    steps = [
        {"label": each.label, "done": place < reached, "now": place == reached}
        for place, each in enumerate(Step)
    ]
    return render(request, template, {"steps": steps, "host": settings.PORTICO_HOST, **context})


def _ip(request: HttpRequest) -> str:
    return str(request.META.get("REMOTE_ADDR", ""))
