from django.urls import path, re_path

from tenants.signup import pages, site

app_name = "signup"
urlpatterns = [
    path("", site.landing, name="landing"),
    path("favicon.ico", site.favicon),
    path("pricing/", site.pricing, name="pricing"),
    path("start/", pages.start, name="start"),
    path("start/code/", pages.code, name="code"),
    path("start/code/again/", pages.resend, name="resend"),
    path("start/code/<uuid:sign_up_id>/", pages.code_elsewhere, name="code-elsewhere"),
    path("start/agency/", pages.agency, name="agency"),
    path("start/agency/address/", pages.address, name="address"),
    path("start/plan/", pages.plan, name="plan"),
    path("start/ready/", pages.ready, name="ready"),
    path("start/enter/", pages.enter, name="enter"),
    re_path("^(?:accounts/.*|login/)$", site.to_console),
]
