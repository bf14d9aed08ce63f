from portal.people import urls_invitation, urls_profile, urls_sign_in, urls_team, urls_viewing

app_name = "people"
urlpatterns = [
    *urls_sign_in.urlpatterns,
    *urls_invitation.urlpatterns,
    *urls_profile.urlpatterns,
    *urls_team.urlpatterns,
    *urls_viewing.urlpatterns,
]
