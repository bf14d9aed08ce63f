"""The mails about signing in."""

from portal.module import Email
from portal.people.sign_in import prepare_mail

_PERSON = {"first_name": "Maria", "shown_name": "Maria Silva", "email": "maria@brightside.example"}

EMAILS: list[Email] = [
    Email(
        key="people.sign_in",
        label="Sign-in link with its code",
        template="mail/people/sign_in",
        sample={
            "person": _PERSON,
            "device": "Chrome on Mac",
            "button_url": "https://portal.example/enter/link/",
            "code": "012345",
            "minutes": 10,
        },
        prepare=prepare_mail,
        is_asked_for=True,
    ),
    Email(
        key="people.sign_in_changed",
        label="A way to sign in was added, changed or removed",
        template="mail/people/sign_in_changed",
        sample={"person": _PERSON, "what": "A password was set", "device": "Chrome on Mac"},
    ),
]
