from django.urls import path

from tenants.accounts import pages

app_name = "accounts"
urlpatterns = [
    path("", pages.home, name="home"),
    path("accounts/", pages.account, name="account"),
    path("accounts/signup/", pages.to_sign_up),
    path("accounts/enter/", pages.enter, name="enter"),
    path("accounts/enter/<str:code>/", pages.enter_with, name="enter-with"),
]
