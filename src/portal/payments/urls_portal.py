from django.urls import path

from portal.payments.pages import client, methods

app_name = "payments"
urlpatterns = [
    path("payments/methods/", methods.index, name="methods"),
    path("payments/methods/saving/<uuid:uid>/", methods.save, name="save"),
    path("payments/methods/saving/<uuid:uid>/done/", methods.saved, name="saved"),
    path("payments/methods/<int:pk>/default/", methods.default, name="default"),
    path("payments/methods/<int:pk>/removal/", methods.remove, name="removal"),
    path("payments/<uuid:uid>/", client.pay, name="pay"),
    path("payments/<uuid:uid>/done/", client.done, name="done"),
    path("payments/<uuid:uid>/again/", client.again, name="again"),
]
