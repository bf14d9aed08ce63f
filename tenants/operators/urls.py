from django.urls import path, re_path

from tenants.operators import (
    billing_pages,
    certificate_pages,
    domain_pages,
    event_pages,
    pages,
    queue_pages,
)

app_name = "operators"
urlpatterns = [
    path("", pages.agencies, name="agencies"),
    path("log/", pages.entries, name="log"),
    path("jobs/", queue_pages.set_aside, name="set-aside"),
    path("jobs/<uuid:message_id>/another-try/", queue_pages.another_try, name="another-try"),
    path("stripe/", event_pages.events, name="events"),
    path("stripe/<int:event_pk>/another-try/", event_pages.another_try, name="event-another-try"),
    path("agencies/<int:agency_id>/", pages.agency, name="agency"),
    re_path(r"^agencies/(?P<agency_id>\d{1,15})/(?P<what>plan|state|trial)/$", pages.act, name="act"),
    path("domains/", domain_pages.domains, name="domains"),
    path("domains/<int:domain_id>/", domain_pages.domain, name="domain"),
    re_path(
        r"^domains/(?P<domain_id>\d{1,15})/(?P<what>check|retry|block|unblock)/$",
        domain_pages.change,
        name="domain-act",
    ),
    path("billing/", billing_pages.subscriptions, name="billing"),
    path("billing/prices/", billing_pages.show_prices, name="billing-prices"),
    path("billing/coupons/", billing_pages.show_coupons, name="billing-coupons"),
    path("billing/<int:agency_id>/", billing_pages.subscription, name="billing-agency"),
    re_path(
        r"^billing/(?P<agency_id>\d{1,15})/(?P<what>comp|end-comp|plan|coupon|coupon-off|refresh)/$",
        billing_pages.change,
        name="billing-act",
    ),
    path("certificates/", certificate_pages.certificates, name="certificates"),
]
