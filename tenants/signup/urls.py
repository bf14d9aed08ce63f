from django.urls.resolvers import URLPattern

app_name = "signup"
urlpatterns: list[URLPattern] = []
