"""What may be a portal's own name: pasted addresses, umlauts, and everything that is refused in words."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tenants.agencies.current import CurrentAgency
from tenants.domains import lookalikes, names
from tenants.domains.models import Domain, DomainState
from tenants.domains.names import BadName, normalise

CYRILLIC = "nоrthwind.com"  # its first "o" is Cyrillic


@pytest.fixture
def in_production(settings: Any) -> None:
    settings.PORTICO_HOST, settings.EDGE_ZONE = "portico.io", "edge-of-portico.net"


def refusal(raw: str) -> str:
    with pytest.raises(BadName) as refused:
        normalise(raw)
    assert refused.value.field == "host"
    assert "{" not in refused.value.words and refused.value.words.endswith(".")
    return refused.value.code


@pytest.mark.parametrize(
    "typed",
    ["portal.agency.com", " Portal.Agency.COM. ", "https://portal.agency.com/welcome?x=1#y", "portal.agency.com:8443",
     "HTTP://portal.agency.com", "https:/portal.agency.com", "https://alice:pw@portal.agency.com/",
     "portal。agency．com", "portal｡agency.com", "\u200bportal.agency.com\ufeff", "<https://portal.agency.com>",
     '"portal.agency.com",',
     "ｐortal.agency.com", "portal.agency.com/", "portal.agency.com\\x", "portal.agency.com:"],
)  # fmt: skip
def test_whatever_is_pasted_becomes_the_name(typed: str) -> None:
    assert normalise(typed) == names.Name("portal.agency.com", "portal.agency.com", False)


@pytest.mark.parametrize(
    ("typed", "host", "shown"),
    [
        ("Kunden.Müller-Söhne.de", "kunden.xn--mller-shne-kcb9d.de", "kunden.müller-söhne.de"),
        ("kunden.xn--mller-shne-kcb9d.de", "kunden.xn--mller-shne-kcb9d.de", "kunden.müller-söhne.de"),
        ("straße.de", "xn--strae-oqa.de", "straße.de"),
        ("ポータル.例え.jp", "xn--5ckzcybvd.xn--r8jz45g.jp", "ポータル.例え.jp"),
        ("mu\u0308ller.de", "xn--mller-kva.de", "müller.de"),
    ],
)
def test_umlauts_and_other_scripts_become_a_labels(typed: str, host: str, shown: str) -> None:
    assert normalise(typed) == names.Name(host, shown, False)


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("", "empty"), ("   ", "empty"), ("https://", "empty"), (".", "empty"), ("/welcome", "empty"),
        ("*.agency.com", "wildcard"), ("portal.*.com", "wildcard"),
        ("192.0.2.1", "ip_address"), ("http://192.0.2.1:80/x", "ip_address"), ("[2001:db8::1]:443", "ip_address"),
        ("2001:db8::1", "ip_address"), ("127.1", "ip_address"), ("2130706433", "ip_address"), ("0x7f.1", "ip_address"),
        ("fe80::1%eth0", "ip_address"), ("１９２.0.2.1", "ip_address"),
        ("alice@agency.com", "email"), ("mailto:alice@agency.com", "email"),
        ("portal..agency.com", "not_a_hostname"), (".agency.com", "not_a_hostname"),
        ("portal.agency.com..", "not_a_hostname"),
        ("my portal.com", "not_a_hostname"), ("portal.agency.com\x00", "not_a_hostname"),
        ("☃.agency.com", "not_a_hostname"),
        ("xn--a.com", "not_a_hostname"), ("portal.agency.123", "not_a_hostname"),
        ("portal.\u202eagency.com", "not_a_hostname"),
        ("portal.agency.com:port", "bad_label"), ("portal,agency.com", "bad_label"),
        ("a_b.agency.com", "bad_label"), ("-a.agency.com", "bad_label"), ("a-.agency.com", "bad_label"),
        ("ab--cd.agency.com", "bad_label"), ("a'b.agency.com", "bad_label"),
        ("a" * 64 + ".com", "too_long"), (".".join(["a" * 60] * 4), "too_long"), ("ü" * 60 + ".com", "too_long"),
        ("x" * 5000, "too_long"),
        ("portal", "single_label"), ("müller", "single_label"), ("com", "single_label"),
        ("co.uk", "public_suffix"), ("github.io", "public_suffix"), ("x.ck", "public_suffix"),
    ],
)  # fmt: skip
def test_what_cannot_be_a_portals_name_is_refused_in_words(typed: str, code: str) -> None:
    assert refusal(typed) == code


@pytest.mark.parametrize(
    "host", ["agency.co.uk", "agency.github.io", "agency.com", "www.ck", "xn--p1ai.xn--p1ai"]
)
def test_a_domain_below_a_shared_ending_is_fine(host: str) -> None:
    assert normalise(host).host == host


@pytest.mark.usefixtures("in_production")
@pytest.mark.parametrize("host", ["portico.io", "app.portico.io", "Northwind.Portico.io.", "x.y.portico.io",
                                  "edge-of-portico.net", "key.edge-of-portico.net"])  # fmt: skip
def test_the_platforms_own_names_are_refused(host: str) -> None:
    assert refusal(host) == "platform_domain"


@pytest.mark.usefixtures("in_production")
def test_names_that_only_end_like_the_platforms_are_not_its_own() -> None:
    assert normalise("my-portico.io").host == "my-portico.io"
    assert normalise("portico.io.agency.com").host == "portico.io.agency.com"


@pytest.mark.usefixtures("in_production")
@pytest.mark.parametrize(
    "host", ["portal.agency.test", "portal.localhost", "nas.local", "x.onion", "1.0.10.in-addr.arpa"]
)
def test_private_endings_are_refused_in_production(host: str) -> None:
    assert refusal(host) == "reserved"


def test_a_demo_takes_names_below_a_foreign_localhost(settings: Any) -> None:
    settings.PORTICO_HOST, settings.EDGE_ZONE = "localhost", "to.localhost"
    assert normalise("portal.youragency.localhost").host == "portal.youragency.localhost"
    for ours in ("northwind.localhost", "app.localhost", "key.to.localhost", "a.key.to.localhost"):
        assert refusal(ours) == "platform_domain"
    assert refusal("localhost") == "single_label"


def test_only_a_demo_takes_them(settings: Any) -> None:
    settings.PORTICO_HOST, settings.EDGE_ZONE = "portico.localhost", "to.portico.localhost"
    assert refusal("portal.youragency.portico.localhost") == "platform_domain"


def test_mixed_scripts_are_flagged_and_shown_with_their_a_label() -> None:
    found = normalise(CYRILLIC)
    assert (found.is_mixed_script, found.shown) == (True, CYRILLIC)
    assert found.host.startswith("xn--")


def test_a_lookalike_of_another_agencys_name_is_refused(
    northwind: CurrentAgency, harbour: CurrentAgency
) -> None:
    Domain.objects.create(agency_id=northwind.id, host="northwind.com", state=DomainState.ACTIVE)
    with pytest.raises(BadName) as refused:
        names.refuse_lookalike(normalise(CYRILLIC), agency_id=harbour.id)
    assert refused.value.code == "confusable"
    assert "northwind.com" in refused.value.words
    names.refuse_lookalike(normalise(CYRILLIC), agency_id=northwind.id)
    names.refuse_lookalike(normalise("southwind.com"), agency_id=harbour.id)


def test_a_claim_without_proof_blocks_no_lookalike(northwind: CurrentAgency, harbour: CurrentAgency) -> None:
    Domain.objects.create(agency_id=northwind.id, host="northwind.com")
    names.refuse_lookalike(normalise(CYRILLIC), agency_id=harbour.id)


@pytest.mark.parametrize(("one", "other"), [("раураl.com", "paypal.com"), ("müller.de", "muller.de"),
                                            ("łódź.pl", "lodz.pl"), ("rnodern.com", "modern.com")])  # fmt: skip
def test_names_that_read_alike_have_one_skeleton(one: str, other: str) -> None:
    assert lookalikes.skeleton(one) == lookalikes.skeleton(other)


def test_plain_names_of_different_owners_may_read_alike() -> None:
    names.refuse_resembling(normalise("rnodern.com"), ["modern.com"])


def test_the_registered_domain_is_what_was_bought() -> None:
    assert names.registered_domain("portal.agency.co.uk") == "agency.co.uk"
    assert names.registered_domain("agency.com") == "agency.com"


@given(st.text(max_size=80) | st.from_regex(r"[a-zA-Zäß0-9_.:/@*-]{1,40}", fullmatch=True))
def test_any_words_become_a_name_or_a_reason(raw: str) -> None:
    try:
        found = normalise(raw)
    except BadName:
        return
    assert found.host.isascii() and found.host == found.host.lower() and "." in found.host
    assert normalise(found.host).host == normalise(found.shown).host == found.host
