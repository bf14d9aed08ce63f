"""The mails about signing in."""

from portal.module import Email, Kind, Placeholder
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
        told="A client who asked for it on the sign-in page, at once.",
        placeholders={
            "button_url": Placeholder("The link that signs in", Kind.LINK, needed=True),
            "code": Placeholder("The code that signs in", Kind.CODE, needed=True),
            "minutes": Placeholder("For how many minutes link and code work"),
            "device": Placeholder("Browser and system from which it was asked for"),
        },
    ),
    Email(
        key="people.sign_in_changed",
        label="A way to sign in was added, changed or removed",
        template="mail/people/sign_in_changed",
        sample={"person": _PERSON, "what": "A password was set", "device": "Chrome on Mac"},
        told="A client whose password or passkeys were changed, at once.",
        placeholders={
            "what": Placeholder("What was changed"),
            "device": Placeholder("Browser and system from which it was changed"),
        },
    ),
]
