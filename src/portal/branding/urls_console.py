from django.urls.resolvers import URLPattern

app_name = "branding"
urlpatterns: list[URLPattern] = []
