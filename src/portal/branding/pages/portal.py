"""What a portal answers to anyone: its looks, before sign-in and on the note that it is closed."""

import json
from uuid import UUID

from django.http import HttpResponse, HttpResponseBase
from django.views.decorators.http import require_safe

from portal.branding import assets
from portal.branding.brand import brand_of
from portal.gate import open_page, works_closed
from portal.http import Request
from ui import theme as themes


@require_safe
@open_page
@works_closed
def theme(request: Request) -> HttpResponseBase:
    """/theme.css"""
    return assets.theme(request, request.agency, request.portal_settings)


@require_safe
@open_page
@works_closed
def favicon(request: Request) -> HttpResponseBase:
    """/brand/favicon/ and, for browsers that ask without being told, /favicon.ico"""
    return assets.favicon(request, request.agency, request.portal_settings)


@require_safe
@open_page
@works_closed
def logo(request: Request, upload_id: UUID) -> HttpResponseBase:
    """The portal's logo."""
    return assets.picture(request, request.portal_settings.logo, upload_id)


@require_safe
@open_page
@works_closed
def login_image(request: Request, upload_id: UUID) -> HttpResponseBase:
    """The picture beside the sign-in form."""
    shown = request.portal_settings.login_image if request.agency.has("branding.full") else None
    return assets.picture(request, shown, upload_id)


@require_safe
@open_page
@works_closed
def manifest(request: Request) -> HttpResponseBase:
    """What a phone needs to put the portal on its home screen under the agency's name."""
    brand = brand_of(request.agency, request.portal_settings)
    colors = themes.theme(brand["accent"])
    described = {
        "name": brand["name"],
        "short_name": brand["name"][:24],
        "id": "/",
        "start_url": "/",
        "scope": "/",
        "display": "minimal-ui",
        "theme_color": colors.light.fill,
        "background_color": colors.neutral("ground"),
        "icons": [{"src": brand["favicon_url"], "sizes": "any"}],
    }
    text = json.dumps(described, ensure_ascii=False)
    return assets.text_answer(request, text, "application/manifest+json", assets.FOR_NOW)


@require_safe
@open_page
@works_closed
def robots(request: Request) -> HttpResponse:
    """A portal is nobody's business but its clients'."""
    response = HttpResponse("User-agent: *\nDisallow: /\n", "text/plain; charset=utf-8")
    response["X-Robots-Tag"] = "noindex, nofollow"
    response["Cache-Control"] = f"public, {assets.FOR_NOW}"
    return response
