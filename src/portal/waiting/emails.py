"""The mails of the queue."""

from portal.module import Email

_PERSON = {"first_name": "Tom", "shown_name": "Tom Becker", "email": "tom@brightside.example"}
_LINE = {
    "label": "Review the homepage",
    "url": "https://portal.example/deliverables/7/",
    "due": "27 November",
}

EMAILS: list[Email] = [
    Email(
        key="waiting.weekly",
        label="Once a week: what waits on the client",
        template="mail/waiting/weekly",
        sample={
            "person": _PERSON,
            "lines": [
                _LINE,
                {"label": "Pay invoice 2026-0012", "url": "https://portal.example/invoices/12/", "due": ""},
            ],
        },
    ),
    Email(
        key="waiting.handed_on",
        label="A colleague hands something over",
        template="mail/waiting/handed_on",
        sample={
            "person": _PERSON,
            "giver": "Maria Silva",
            "note": "You know the colours best.",
            "line": _LINE,
        },
    ),
]
