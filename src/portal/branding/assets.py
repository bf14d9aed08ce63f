"""Theme, favicon and pictures of the brand as answers, for the portal and for the console alike."""

import hashlib
from uuid import UUID

from django.http import Http404, HttpResponse, HttpResponseBase, HttpResponseNotModified
from django.utils.http import parse_etags

from portal.branding.brand import look, own_favicon_id, shown_name
from portal.branding.models import PortalSettings
from portal.http import Request
from portal.uploads.models import Upload
from portal.uploads.operations import serve_public
from tenants.agencies.current import CurrentAgency
from ui.marks import default_favicon
from ui.theme import theme_css

FOR_EVER = "max-age=31536000, immutable"
# Asked for without its version, or with an old one: what is answered may soon be another.
FOR_NOW = "max-age=300"


def theme(request: Request, agency: CurrentAgency, portal: PortalSettings) -> HttpResponseBase:
    """The style sheet made of the accent."""
    return text_answer(
        request, theme_css(portal.accent), "text/css; charset=utf-8", _life(request, agency, portal)
    )


def favicon(request: Request, agency: CurrentAgency, portal: PortalSettings) -> HttpResponseBase:
    """The agency's own favicon, or its initial on its accent."""
    life = _life(request, agency, portal)
    if own_favicon_id(agency, portal) and portal.favicon:
        response = serve_public(portal.favicon, request)
        response["Cache-Control"] = f"public, {life}"
        return response
    drawing = default_favicon(shown_name(agency, portal), portal.accent)
    response = text_answer(request, drawing, "image/svg+xml", life)
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response


def picture(request: Request, upload: Upload | None, asked: UUID) -> HttpResponseBase:
    """A picture that the settings point at.

    Raises:
        Http404: they point at another one or at none, whatever else the id may be of.
    """
    if upload is None or upload.pk != asked:
        raise Http404
    return serve_public(upload, request)


def text_answer(request: Request, text: str, content_type: str, life: str) -> HttpResponseBase:
    """A small text that anyone may keep for as long as `life` says."""
    etag = f'"{hashlib.sha256(text.encode()).hexdigest()[:32]}"'
    known = {tag.removeprefix("W/") for tag in parse_etags(request.headers.get("If-None-Match", ""))}
    response = HttpResponseNotModified() if known & {etag, "*"} else HttpResponse(text, content_type)
    response["ETag"] = etag
    response["Cache-Control"] = f"public, {life}"
    response["X-Content-Type-Options"] = "nosniff"
    return response


def _life(request: Request, agency: CurrentAgency, portal: PortalSettings) -> str:
    return FOR_EVER if request.GET.get("v") == look(agency, portal) else FOR_NOW
