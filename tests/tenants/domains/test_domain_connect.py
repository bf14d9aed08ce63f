"""Domain Connect: found over DNS and real TLS at a local provider; strangers' answers are not trusted."""

import json
import re
import ssl
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from infra.embedded import minting
from tenants.domains import fetching
from tenants.domains.domain_connect import Offer, offer
from tests.tenants.domains.dns_rig import HOST, PROOF, TARGET, ZONE, Rig, running

PROVIDER = "dc.provider.test"
TEMPLATE = "/v2/domainTemplates/providers/portico.example/services/portal"
SETTINGS = {
    "providerId": "provider.test",
    "providerName": "Provider",
    "providerDisplayName": "Good Provider",
    "urlSyncUX": "https://login.provider.test/connect",
    "urlAPI": f"https://{PROVIDER}/api",
}


class Provider(ThreadingHTTPServer):
    """Answers what `pages` says for a path: bytes, or a function that writes them."""

    daemon_threads = True
    pages: dict[str, Any]
    asked: list[str]


class Conversation(BaseHTTPRequestHandler):
    server: Provider

    def do_GET(self) -> None:
        self.server.asked.append(self.path)
        page = self.server.pages.get(self.path)
        if callable(page):
            page(self)
            return
        self.send_response(200 if page is not None else 404)
        self.end_headers()
        self.wfile.write(page or b"")

    def log_message(self, format: str, *args: object) -> None:
        """Says nothing."""


@pytest.fixture
def rig(settings: Any) -> Iterator[Rig]:
    settings.DOMAIN_CONNECT_PROVIDER, settings.DOMAIN_CONNECT_SERVICE = "portico.example", "portal"
    with running(settings) as started:
        started.publish(f"_domainconnect.{ZONE}", ("TXT", PROVIDER))
        for zones in started.caches:
            zones.set(PROVIDER, ("A", "127.0.0.1"))
        yield started


@pytest.fixture
def provider(rig: Rig, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Provider]:
    root = minting.authority("Provider's root")
    leaf = minting.leaf(root, PROVIDER)
    (tmp_path / "leaf.pem").write_bytes(leaf.pem + leaf.key_pem)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tmp_path / "leaf.pem")
    server = Provider(("127.0.0.1", 0), Conversation)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    server.asked = []
    server.pages = {
        f"/v2/{ZONE}/settings": json.dumps(SETTINGS).encode(),
        f"/api{TEMPLATE}": b'{"version": 1}',
    }
    monkeypatch.setattr(fetching, "PORT", server.server_port)
    monkeypatch.setattr(fetching, "trust", lambda: ssl.create_default_context(cadata=root.pem.decode()))
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


def ask(**more: Any) -> Offer | None:
    began = time.monotonic()
    found = offer(**{"host": HOST, "zone": ZONE, "target": TARGET, **more})
    assert time.monotonic() - began < 10
    return found


def says(provider: Provider, **changes: Any) -> None:
    provider.pages[f"/v2/{ZONE}/settings"] = json.dumps({**SETTINGS, **changes}).encode()


def test_a_provider_that_knows_our_template_is_offered(provider: Provider) -> None:
    found = ask(return_to="https://app.portico.test/northwind/branding/")
    assert found is not None and found.provider == "Good Provider"
    parts = urlsplit(found.url)
    assert (parts.scheme, parts.netloc, parts.path) == (
        "https",
        "login.provider.test",
        f"/connect{TEMPLATE}/apply",
    )
    assert parse_qs(parts.query) == {
        "domain": [ZONE], "host": ["portal"], "key": ["key7"], "groupId": ["portal"],
        "redirect_uri": ["https://app.portico.test/northwind/branding/"],
    }  # fmt: skip


def test_a_claim_that_needs_proof_asks_for_the_txt_record_too(provider: Provider) -> None:
    found = ask(proof=PROOF)
    assert found is not None
    asked = parse_qs(urlsplit(found.url).query)
    assert (asked["groupId"], asked["proof"]) == (["portal,proof"], [PROOF])


def test_the_template_knows_every_variable_that_we_send(provider: Provider) -> None:
    template = json.loads(Path("infra/domain_connect/portico.example.portal.json").read_text())
    assert TEMPLATE.endswith(f"/{template['providerId']}/services/{template['serviceId']}")
    assert set(re.findall(r"%(\w+)%", json.dumps(template["records"]))) == {"key", "proof"}
    assert [record["groupId"] for record in template["records"]] == ["portal", "proof"]
    assert template["records"][1]["host"] == "_portal-verify"


def test_an_unknown_template_is_not_offered(provider: Provider) -> None:
    del provider.pages[f"/api{TEMPLATE}"]
    assert ask() is None


def test_no_txt_record_no_offer(rig: Rig, provider: Provider) -> None:
    rig.publish(f"_domainconnect.{ZONE}")
    assert ask() is None and provider.asked == []


def test_nothing_is_asked_where_it_cannot_be_offered(provider: Provider, settings: Any) -> None:
    assert ask(host=ZONE) is None
    assert ask(zone="") is None
    assert ask(target="elsewhere.test") is None
    settings.DOMAIN_CONNECT_PROVIDER = ""
    assert ask() is None and provider.asked == []


@pytest.mark.parametrize("address", ["10.0.0.5", "169.254.169.254", "192.168.1.1", "0.0.0.0"])
def test_addresses_inside_our_network_are_refused(rig: Rig, provider: Provider, address: str) -> None:
    for zones in rig.caches:
        zones.set(PROVIDER, ("A", "127.0.0.1"), ("A", address))
    assert ask() is None and provider.asked == []


def test_a_certificate_of_another_name_is_refused(rig: Rig, provider: Provider) -> None:
    rig.publish(f"_domainconnect.{ZONE}", ("TXT", "evil.provider.test"))
    for zones in rig.caches:
        zones.set("evil.provider.test", ("A", "127.0.0.1"))
    assert ask() is None and provider.asked == []


@pytest.mark.parametrize(
    "value",
    ["http://dc.provider.test", "user@dc.provider.test", "dc.provider.test:22", "127.0.0.1", "[::1]", "localhost",
     "dc.provider.test/../x?y", "dc.provider.test#x", "dc provider", "", "dc.provider.test\r\nX: y", "x" * 900],
)  # fmt: skip
def test_a_strange_txt_record_is_no_address(rig: Rig, provider: Provider, value: str) -> None:
    rig.publish(f"_domainconnect.{ZONE}", ("TXT", value))
    assert ask() is None and provider.asked == []


@pytest.mark.parametrize(
    "address",
    ["http://login.provider.test", "javascript:alert(1)", "https://a@login.provider.test", "https://login.provider.test/?x=",
     "https://login.provider.test/\"><script>", "//login.provider.test", "", None, 7, ["https://x.test"]],
)  # fmt: skip
def test_only_a_plain_https_address_is_shown_to_people(provider: Provider, address: Any) -> None:
    says(provider, urlSyncUX=address)
    assert ask() is None


@pytest.mark.parametrize(
    "api", ["http://dc.provider.test", "https://10.0.0.5/", "https://gone.provider.test", None]
)
def test_only_https_is_asked_for_the_template(provider: Provider, api: Any) -> None:
    says(provider, urlAPI=api)
    assert ask() is None


@pytest.mark.parametrize(
    "body", [b"", b"[]", b"{", b"\xff\xfe", b"null", b"[" * 50_000, b"{}" + b" " * 200_000]
)
def test_a_body_that_is_not_settings_is_no_offer(provider: Provider, body: bytes) -> None:
    provider.pages[f"/v2/{ZONE}/settings"] = body
    assert ask() is None


def test_redirects_are_not_followed(provider: Provider) -> None:
    def redirect(to: Conversation) -> None:
        to.send_response(302)
        to.send_header("Location", "/elsewhere")
        to.end_headers()

    provider.pages[f"/v2/{ZONE}/settings"] = redirect
    assert ask() is None and provider.asked == [f"/v2/{ZONE}/settings"]


def test_a_dripping_provider_is_left(provider: Provider) -> None:
    def drip(to: Conversation) -> None:
        to.wfile.write(b"HTTP/1.1 200 OK\r\n\r\n")
        for _ in range(200):
            try:
                to.wfile.write(b" ")
            except OSError:
                return
            time.sleep(0.1)

    provider.pages[f"/v2/{ZONE}/settings"] = drip
    assert ask() is None


def test_a_silent_dns_is_no_offer(rig: Rig, provider: Provider) -> None:
    rig.fail("*", "TIMEOUT")
    assert ask() is None


def test_nobody_listening_is_no_offer(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fetching, "PORT", 1)
    assert ask() is None


def test_a_providers_name_is_cut_and_clean(provider: Provider) -> None:
    says(provider, providerDisplayName="A\x00B" + "x" * 900)
    found = ask()
    assert found is not None and found.provider == "A\N{REPLACEMENT CHARACTER}B" + "x" * 57
