"""A sending domain: records in a real DNS, signatures that others verify, and the way back when it breaks."""

from collections.abc import Iterator
from email import message_from_bytes
from email.policy import default
from typing import Any

import dkim
import dns.message
import dns.query
import pytest

from portal.intake.addresses import read_address
from portal.intake.domains import is_ours
from portal.mail.models import Message
from portal.mail.operations import queue_mail
from portal.people.models import Client, Staff
from portal.sender import operations, records, voice
from portal.sender.keys import open_key
from portal.sender.models import SenderDomain
from tenants.agencies.current import CurrentAgency, inside
from tenants.agencies.models import Agency
from tenants.plans import Plan
from tests.portal.delivery.mail_server import Post, post_office
from tests.portal.sender.sending_domain import RESOLVER, ZONE, Names, name_servers
from tests.running_jobs import run_jobs

WORDS = {"client_name": "Maria Müller", "days": 7, "last_day": "1 May", "button_url": "https://x.example/"}
HOST = f"mail.{ZONE}"


@pytest.fixture
def names(settings: Any) -> Iterator[Names]:
    import base64

    settings.CERTIFICATE_KEYS = ["k1:" + base64.b64encode(b"0" * 32).decode()]
    settings.SIGNS_MAILS = True
    with name_servers(settings) as running:
        yield running


@pytest.fixture
def post(settings: Any) -> Iterator[Post]:
    with post_office(settings) as running:
        yield running


@pytest.fixture
def domain(northwind: CurrentAgency, alice_staff: Staff, names: Names) -> SenderDomain:
    """Named by Alice, nothing published yet."""
    with inside(northwind):
        return operations.name_domain(local_part="hello", domain=HOST, by=alice_staff)


def check(agency: CurrentAgency) -> tuple[str, dict[str, str]]:
    """The state after a look, and what was found of each record."""
    with inside(agency):
        row = SenderDomain.objects.get()
        state = operations.check(row)
        row.refresh_from_db()
        return state, {key: code for key, (code, _) in row.findings.items()}


def sent(agency: CurrentAgency, client: Client, post: Post) -> bytes:
    """One more mail as it went over the wire."""
    with inside(agency):
        queue_mail("people.access_ends", client, words=WORDS)
    run_jobs()
    return bytes(post.taken[-1].original_content or b"")


def verified(wire: bytes, settings: Any) -> bool:
    """As a receiving server does it: the key comes from the DNS."""

    def lookup(name: bytes, timeout: int = 5) -> bytes | None:
        question = dns.message.make_query(name.decode(), "TXT")
        answer = dns.query.udp(question, RESOLVER, port=settings.DNS_PORT, timeout=timeout)
        return (
            b"".join(part for found in answer.answer for record in found for part in record.strings) or None
        )

    return bool(dkim.verify(wire, dnsfunc=lookup))


def test_once_its_records_are_found_mails_go_out_signed_and_aligned(
    northwind: CurrentAgency, maria: Client, domain: SenderDomain, names: Names, post: Post, settings: Any
) -> None:
    assert check(northwind) == (
        "pending",
        {"dkim": "missing", "mx": "missing", "spf": "missing", "dmarc": "missing"},
    )
    assert b"DKIM-Signature" not in sent(northwind, maria, post)
    names.publish_all(domain)
    assert check(northwind) == ("active", dict.fromkeys(("dkim", "mx", "spf", "dmarc"), "good"))
    wire = sent(northwind, maria, post)
    assert verified(wire, settings)
    mail = message_from_bytes(wire, policy=default)
    assert f"hello@{HOST}" in str(mail["From"]) and "Northwind Studio" in str(mail["From"])
    tags = dict(part.strip().split("=", 1) for part in str(mail["DKIM-Signature"]).split(";"))
    assert (tags["d"], tags["c"], tags["a"]) == (HOST, "relaxed/relaxed", "rsa-sha256")
    back = read_address(str(post.taken[-1].mail_from))
    assert back is not None and back.domain == f"bounce.{HOST}" and is_ours(back)


@pytest.mark.parametrize(
    ("was", "becomes"),
    [
        (b"Subject: The access", b"Subject: No access"),
        (b"hello@mail.agency.test", b"hello@mail.agency2.test"),
        (b"1 May is", b"2 May is"),
        (b"From: ", b"From: boss@agency.test\r\nFrom: "),
        (b"Auto-Submitted: auto-generated", b"Auto-Submitted: no"),
    ],
)
def test_whatever_is_changed_on_the_way_breaks_the_signature(
    northwind: CurrentAgency, maria: Client, domain: SenderDomain, names: Names, post: Post, settings: Any,
    was: bytes, becomes: bytes,
) -> None:  # fmt: skip
    names.publish_all(domain)
    check(northwind)
    with inside(northwind):
        queue_mail("people.access_ends", maria, words={**WORDS, "client_name": "Maria"})
    run_jobs()
    wire = bytes(post.taken[-1].original_content or b"")
    assert verified(wire, settings) and was in wire
    assert not verified(wire.replace(was, becomes, 1), settings)


def test_the_unsubscribe_headers_are_signed(
    northwind: CurrentAgency, maria: Client, domain: SenderDomain, names: Names, post: Post, settings: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    from dataclasses import replace

    from portal import registry

    declared = registry.emails()
    email = replace(declared["people.access_ends"], is_transactional=False)
    monkeypatch.setattr(registry, "emails", lambda: {**declared, email.key: email})
    names.publish_all(domain)
    check(northwind)
    wire = sent(northwind, maria, post)
    assert verified(wire, settings)
    assert not verified(wire.replace(b"List-Unsubscribe=One-Click", b"List-Unsubscribe=Two-Click"), settings)
    assert not verified(wire.replace(b"/unsubscribe/", b"/elsewhere/"), settings)


@pytest.mark.parametrize(
    ("key", "values", "says"),
    [
        ("dkim", [("TXT", "v=DKIM1; k=rsa; p=")], "withdrawn"),
        ("dkim", [("TXT", "v=DKIM1; k=rsa; p=MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8A")], "Another key"),
        ("mx", [("MX", "10 mx.elsewhere.test")], "Change it to in.localhost"),
        ("mx", [("MX", "10 in.localhost"), ("MX", "5 mx.elsewhere.test")], "also leads to"),
        ("spf", [("TXT", "v=spf1 include:_spf.elsewhere.test -all")], "include:spf.localhost"),
        ("spf", [("TXT", "v=spf1 include:spf.localhost ~all"), ("TXT", "v=spf1 -all")], "two SPF records"),
        ("spf", [("TXT", "something else")], "Only something else"),
    ],
)
def test_what_is_wrong_with_a_record_is_said_and_keeps_the_domain_waiting(
    northwind: CurrentAgency, domain: SenderDomain, names: Names, key: str, values: Any, says: str
) -> None:
    names.publish_all(domain, but=key)
    record = next(one for one in records.wanted(domain) if one.key == key)
    beside = [
        (one.kind, one.value) for one in records.wanted(domain) if one.name == record.name and one.key != key
    ]
    names.publish(record.name, *beside, *values)
    state, found = check(northwind)
    assert state == "pending" and found[key] in ("missing", "wrong")
    with inside(northwind):
        assert says in SenderDomain.objects.get().findings[key][1]


def test_a_key_that_was_cut_off_is_recognised(
    northwind: CurrentAgency, domain: SenderDomain, names: Names
) -> None:
    names.publish_all(domain)
    record = records.wanted(domain)[0]
    names.publish(record.name, ("TXT", record.value[:255]))
    check(northwind)
    with inside(northwind):
        assert "cut off" in SenderDomain.objects.get().findings["dkim"][1]


def test_without_dmarc_it_works_and_the_one_of_the_whole_domain_counts(
    northwind: CurrentAgency, domain: SenderDomain, names: Names
) -> None:
    names.publish_all(domain, but="dmarc")
    assert check(northwind) == ("active", {"dkim": "good", "mx": "good", "spf": "good", "dmarc": "missing"})
    names.publish(f"_dmarc.{ZONE}", ("TXT", "v=DMARC1; p=reject; rua=mailto:x@agency.test"))
    assert check(northwind)[1]["dmarc"] == "good"
    names.publish(f"_dmarc.{ZONE}", ("TXT", "v=DMARC1; p=maybe"))
    assert check(northwind)[1]["dmarc"] == "wrong"


def test_the_moment_it_breaks_mails_go_out_from_our_own_address_and_owners_are_told(
    northwind: CurrentAgency,
    maria: Client,
    alice_staff: Staff,
    domain: SenderDomain,
    names: Names,
    post: Post,
) -> None:
    names.publish_all(domain)
    check(northwind)
    names.publish(records.wanted(domain)[0].name)
    assert check(northwind)[0] == "broken"
    assert check(northwind)[0] == "broken"
    run_jobs()
    with inside(northwind):
        told = Message.objects.filter(email="sender.broken")
        assert [message.staff for message in told] == [alice_staff], "once, not at every look"
    assert all(b"DKIM-Signature" not in (one.original_content or b"") for one in post.taken)
    wire = sent(northwind, maria, post)
    assert b"no-reply@localhost" in wire and b"DKIM-Signature" not in wire
    names.publish_all(domain)
    assert check(northwind)[0] == "active"


def test_a_question_without_an_answer_moves_nothing(
    northwind: CurrentAgency, domain: SenderDomain, names: Names
) -> None:
    names.publish_all(domain)
    check(northwind)
    for record in records.wanted(domain):
        names.fail(record.name, "SERVFAIL")
    state, found = check(northwind)
    assert state == "active" and set(found.values()) == {"unknown"}


def test_of_two_agencies_that_name_one_domain_the_dns_decides(
    northwind: CurrentAgency, harbour: CurrentAgency, domain: SenderDomain, names: Names
) -> None:
    Agency.objects.filter(pk=harbour.id).update(plan=Plan.GROWTH)
    other = Agency.objects.get(pk=harbour.id).current()
    with inside(other):
        theirs = operations.name_domain(local_part="hello", domain=HOST, by=Staff.objects.get())
    names.publish_all(domain)
    assert check(northwind)[0] == "active" and check(other)[0] == "pending"
    assert theirs.selector != domain.selector and theirs.public_key != domain.public_key
    with inside(other):
        assert voice.in_use() is None


def test_the_private_key_lies_sealed_and_opens_for_its_own_name_only(
    northwind: CurrentAgency, domain: SenderDomain
) -> None:
    from tenants.certificates.sealing import SealBroken

    assert b"PRIVATE" not in bytes(domain.sealed_key) and b"BEGIN RSA PRIVATE KEY" in open_key(domain)
    domain.domain = "elsewhere.test"
    with pytest.raises(SealBroken):
        open_key(domain)


def test_a_lower_plan_sends_from_our_own_address(
    northwind: CurrentAgency, maria: Client, domain: SenderDomain, names: Names, post: Post
) -> None:
    names.publish_all(domain)
    check(northwind)
    Agency.objects.filter(pk=northwind.id).update(plan=Plan.STARTER)
    from tenants.routing import hosts

    hosts.forget_all()
    assert b"no-reply@localhost" in sent(Agency.objects.get(pk=northwind.id).current(), maria, post)


def test_a_new_sealing_key_takes_over_and_a_lost_one_does_not_stop_mails(
    northwind: CurrentAgency, maria: Client, domain: SenderDomain, names: Names, post: Post, settings: Any
) -> None:
    import base64

    from portal.sender.jobs import check_domain

    names.publish_all(domain)
    check(northwind)
    new = "k2:" + base64.b64encode(b"1" * 32).decode()
    settings.CERTIFICATE_KEYS = [new, *settings.CERTIFICATE_KEYS]
    with inside(northwind):
        check_domain.fn()
        assert SenderDomain.objects.get().key_name == "k2"
    settings.CERTIFICATE_KEYS = [new]
    assert verified(sent(northwind, maria, post), settings)
    settings.CERTIFICATE_KEYS = ["k3:" + base64.b64encode(b"2" * 32).decode()]
    assert b"no-reply@localhost" in sent(northwind, maria, post)
