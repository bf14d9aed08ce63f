"""Mail that comes in: answers to notices, reports of mails that could not be delivered.

Who wants mail names a **kind** (1 to 12 lower-case letters) in the declaration of the part:

    module = Module(key="feedback", ..., mailboxes={"feedback": read_reply})

and puts the address of one of its things into Reply-To (or whatever asks for it):

    from portal.intake.addresses import address_for
    address_for("feedback", str(thread.pk))   # reply+feedback.<agency>.<thread>.<signature>@in.<platform>

The key is 1 to 26 characters of a-z, 0-9, "-" and "_" (mail systems lower the case of addresses). Put more than one
id into it with "-" ("<thread>-<client>"): then the address says by itself who was written to.

The intake server (`manage.py intake`, a line of the Procfile) takes only mail for such an address of ours, signed
with our key; it stores the mail in the agency's schema before it says 250. A job then calls, inside the agency,

    def read_reply(*, kind: str, key: str, raw: bytes, sender: str) -> None

with the message as it came over the wire (`email.message_from_bytes(raw, policy=email.policy.default)`) and the
envelope's sender ("" for reports). The sender and every header are the stranger's own words: the signed key is the
only thing that is known. The address may have been forwarded, so compare the sender with the person where that matters.
The function may be called twice for one mail (make it idempotent) and is called again after an exception, five times;
`portal.intake.models.Unreadable` says that no repetition would help. The raw mail is kept for 30 days.
"""
