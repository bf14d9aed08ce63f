"""Reports as real servers write them."""


def report(status: str, action: str = "failed", *, said: str = "") -> bytes:
    """Postfix's: three parts, the second with a group of fields about itself and one about the recipient."""
    said = said or f"{status} <maria@client.example>: Recipient address rejected"
    return (
        "From: MAILER-DAEMON@mx.example (Mail Delivery System)\r\n"
        "To: bounce@in.localhost\r\n"
        "Subject: Undelivered Mail Returned to Sender\r\n"
        "Auto-Submitted: auto-replied\r\n"
        "MIME-Version: 1.0\r\n"
        'Content-Type: multipart/report; report-type=delivery-status;\r\n boundary="AA.1/mx.example"\r\n'
        "\r\n"
        "--AA.1/mx.example\r\n"
        "Content-Description: Notification\r\n"
        "Content-Type: text/plain; charset=us-ascii\r\n\r\n"
        "I'm sorry to have to inform you that your message could not be delivered.\r\n\r\n"
        "--AA.1/mx.example\r\n"
        "Content-Description: Delivery report\r\n"
        "Content-Type: message/delivery-status\r\n\r\n"
        "Reporting-MTA: dns; mx.example\r\n"
        "X-Postfix-Queue-ID: 4D1B0A\r\n"
        "Arrival-Date: Sat, 21 Nov 2026 21:00:00 +0000 (UTC)\r\n\r\n"
        "Final-Recipient: rfc822; maria@client.example\r\n"
        "Original-Recipient: rfc822;maria@client.example\r\n"
        f"Action: {action}\r\n"
        f"Status: {status}\r\n"
        "Remote-MTA: dns; mx.client.example\r\n"
        f"Diagnostic-Code: smtp; 550 {said}\r\n\r\n"
        "--AA.1/mx.example\r\n"
        "Content-Description: Undelivered Message\r\n"
        "Content-Type: message/rfc822\r\n\r\n"
        "From: no-reply@localhost\r\nSubject: Hello\r\n\r\nHello\r\n"
        "--AA.1/mx.example--\r\n"
    ).encode()


COMPLAINT = (
    b"From: fbl@provider.example\r\nSubject: FW: Hello\r\nMIME-Version: 1.0\r\n"
    b"Content-Type: multipart/report; report-type=feedback-report; boundary=b\r\n\r\n"
    b"--b\r\nContent-Type: text/plain\r\n\r\nThis is an email abuse report.\r\n"
    b"--b\r\nContent-Type: message/feedback-report\r\n\r\n"
    b"Feedback-Type: abuse\r\nUser-Agent: SomeGenerator/1.0\r\nVersion: 1\r\n\r\n"
    b"--b\r\nContent-Type: message/rfc822\r\n\r\nSubject: Hello\r\n\r\nHello\r\n--b--\r\n"
)
OUT_OF_OFFICE = (
    b"From: maria@client.example\r\nSubject: Away\r\nAuto-Submitted: auto-replied\r\n\r\nBack on Monday.\r\n"
)
