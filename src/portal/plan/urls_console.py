from django.urls import path

from portal.plan import pages

app_name = "plan"
urlpatterns = [
    path("plan/", pages.index, name="index"),
    path("plan/checkout/", pages.checkout, name="checkout"),
    path("plan/done/", pages.done, name="done"),
    path("plan/change/", pages.change, name="change"),
    path("plan/upgrade/", pages.upgrade, name="upgrade"),
    path("plan/downgrade/", pages.downgrade, name="downgrade"),
    path("plan/stay/", pages.stay, name="stay"),
    path("plan/ending/", pages.ending, name="ending"),
    path("plan/end/", pages.end, name="end"),
    path("plan/go-on/", pages.go_on, name="go-on"),
    path("plan/card/", pages.billing_portal, name="card"),
    path("plan/invoices/<slug:stripe_id>/", pages.invoice, name="invoice"),
]
