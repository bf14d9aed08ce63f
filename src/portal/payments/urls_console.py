from django.urls import path

from portal.payments.pages import console, refunds

app_name = "payments"
urlpatterns = [
    path("payments/", console.index, name="index"),
    path("payments/stripe/", console.connect, name="connect"),
    path("payments/stripe/continue/", console.go_on, name="continue"),
    path("payments/stripe/return/", console.returned, name="returned"),
    path("payments/stripe/look/", console.look, name="look"),
    path("payments/concerns/<int:concern_id>/resolution/", console.resolve, name="resolution"),
    path("payments/concerns/<int:concern_id>/acceptance/", console.accept, name="acceptance"),
    path("payments/<uuid:uid>/", refunds.show, name="show"),
]
