from django.urls import path

from portal.delivery.pages import console

app_name = "delivery"
urlpatterns = [
    path("mails/", console.index, name="index"),
    path("mails/addresses/", console.all_marks, name="marks"),
    path("mails/addresses/<int:mark_id>/clearance/", console.clear, name="clear"),
    path("mails/<uuid:message_id>/", console.show, name="show"),
    path("mails/<uuid:message_id>/again/", console.send_again, name="again"),
]
