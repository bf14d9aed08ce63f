from django.urls.resolvers import URLPattern

app_name = "apikeys"
urlpatterns: list[URLPattern] = []
