from django.urls.resolvers import URLPattern

app_name = "operators"
urlpatterns: list[URLPattern] = []
