"""What senders write."""

from portal.module import Email

EMAILS = [
    Email(
        key="sender.broken",
        label="To owners: mails no longer go out from your own domain",
        template="mail/sender/broken",
        sample={
            "domain": "mail.northwind.example",
            "faults": ["TXT s1._domainkey.mail.northwind.example: there is no such record."],
            "button_url": "https://console.example/",
        },
    )
]
