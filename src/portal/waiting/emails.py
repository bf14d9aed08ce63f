"""The mails of the queue."""

from portal.module import Email, Kind, Placeholder

_PERSON = {"first_name": "Tom", "shown_name": "Tom Becker", "email": "tom@brightside.example"}

EMAILS: list[Email] = [
    Email(
        key="waiting.weekly",
        label="Once a week: what waits on the client",
        template="mail/waiting/weekly",
        is_transactional=False,
        sample={
            "person": _PERSON,
            "count": 2,
            "one": False,
            "items": [
                {
                    "title": "Review the homepage",
                    "note": "by 27 November",
                    "url": "https://example.com/deliverables/7/",
                },
                {"title": "Pay invoice 2026-0012", "note": "", "url": "https://example.com/invoices/12/"},
            ],
        },
        told="Every client on whom something waits, once a week, on the day and hour of your choice.",
        placeholders={
            "count": Placeholder("How many things wait"),
            "one": Placeholder("Whether it is a single thing", Kind.FLAG),
            "items": Placeholder("What waits, with the way to each", Kind.ITEMS, needed=True),
        },
    ),
    Email(
        key="waiting.handed_on",
        label="A colleague hands something over",
        template="mail/waiting/handed_on",
        sample={
            "person": _PERSON,
            "giver": "Maria Silva",
            "title": "Review the homepage",
            "due": "27 November",
            "note": "You know the colours best.",
            "url": "https://example.com/deliverables/7/",
        },
        told="A client to whom a colleague hands something that waits.",
        placeholders={
            "giver": Placeholder("The colleague"),
            "title": Placeholder("What is to be done"),
            "due": Placeholder("By when, if there is a day"),
            "note": Placeholder("What the colleague writes about it", Kind.LONG),
            "url": Placeholder("The page where it is done", Kind.LINK, needed=True),
        },
    ),
]
