from django.urls import path

from portal.people.pages import profile

urlpatterns = [
    path("profile/", profile.show, name="profile"),
    path("profile/photo/", profile.photo, name="profile-photo"),
    path("profile/photo/<uuid:upload_id>/", profile.show_photo, name="photo"),
    path("profile/email/", profile.email, name="profile-email"),
    path("confirm-email/<str:token>/", profile.confirm_email, name="confirm-email"),
    path("undo-email/<str:token>/", profile.undo_email, name="undo-email"),
]
