from portal.people import urls_sign_in

app_name = "people"
urlpatterns = [*urls_sign_in.urlpatterns]
