"""What senders write."""

from collections.abc import Mapping
from typing import Any

from portal.module import Email, Kind, Placeholder


def _what(words: Mapping[str, Any]) -> Mapping[str, Any]:
    return {"what": "\n".join(words.get("faults", ()))}


EMAILS = [
    Email(
        key="sender.broken",
        label="To owners: mails no longer go out from your own domain",
        template="mail/sender/broken",
        told="Owners, when the DNS of your sending domain no longer fits.",
        placeholders={
            "domain": Placeholder("Your sending domain"),
            "what": Placeholder("What no longer fits, each on a line", Kind.LONG),
            "button_url": Placeholder("The page with the records", Kind.LINK, needed=True),
        },
        derive=_what,
        sample={
            "domain": "mail.northwind.example",
            "faults": ["TXT s1._domainkey.mail.northwind.example: there is no such record."],
            "button_url": "https://console.example/",
        },
    )
]
