from django.urls import path

from portal.plan.pages import buying, changing

app_name = "plan"
urlpatterns = [
    path("plan/", buying.index, name="index"),
    path("plan/checkout/", buying.checkout, name="checkout"),
    path("plan/done/", buying.done, name="done"),
    path("plan/pay/", buying.pay, name="pay"),
    path("plan/card/", buying.billing_portal, name="card"),
    path("plan/invoices/<slug:stripe_id>/", buying.invoice, name="invoice"),
    path("plan/change/", changing.change, name="change"),
    path("plan/upgrade/", changing.upgrade, name="upgrade"),
    path("plan/unpaid/", changing.unpaid, name="unpaid"),
    path("plan/drop/", changing.drop, name="drop"),
    path("plan/downgrade/", changing.downgrade, name="downgrade"),
    path("plan/stay/", changing.stay, name="stay"),
    path("plan/ending/", changing.ending, name="ending"),
    path("plan/end/", changing.end, name="end"),
    path("plan/go-on/", changing.go_on, name="go-on"),
]
