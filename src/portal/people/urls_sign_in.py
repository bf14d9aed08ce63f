from django.urls import path

from portal.people.pages import again, enter, moving, passkeys, password, sessions, sign_in

urlpatterns = [
    path("sign-in/", sign_in.show, name="sign-in"),
    path("sign-in/sent/", sign_in.sent, name="sign-in-sent"),
    path("sign-in/password/", password.sign_in_page, name="sign-in-password"),
    path("sign-in/passkey/", passkeys.sign_in_page, name="sign-in-passkey"),
    path("sign-in/passkey/challenge/", passkeys.sign_in_challenge, name="sign-in-passkey-challenge"),
    path("sign-in/again/", again.show, name="sign-in-again"),
    path("sign-in/again/mail/", again.send, name="sign-in-again-mail"),
    path("sign-in/again/password/", again.by_password, name="sign-in-again-password"),
    path("arrive/", moving.arrive, name="arrive"),
    path("arrive/<str:code>/", moving.arrive_with, name="arrive-with"),
    path("leave/", moving.leave, name="leave"),
    path("sign-out/", sessions.sign_out, name="sign-out"),
    path("enter/<str:token>/", enter.enter, name="enter"),
    path("enter/<str:token>/code/", enter.by_code, name="enter-code"),
    path("enter/<str:token>/new/", enter.new_link, name="enter-new"),
    path("profile/sessions/", sessions.show, name="sessions"),
    path("profile/sessions/all/end/", sessions.end_all, name="sessions-end-all"),
    path("profile/sessions/<int:session_id>/end/", sessions.end, name="session-end"),
    path("profile/password/", password.show, name="password"),
    path("profile/password/removal/", password.remove, name="password-remove"),
    path("profile/passkeys/", passkeys.show, name="passkeys"),
    path("profile/passkeys/challenge/", passkeys.challenge, name="passkeys-challenge"),
    path("profile/passkeys/<int:passkey_id>/", passkeys.rename, name="passkey"),
    path("profile/passkeys/<int:passkey_id>/removal/", passkeys.remove, name="passkey-remove"),
]
