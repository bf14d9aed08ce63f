"""The demo's DNS: one name server, and a page to edit its records like at a registrar. Loopback only.

GET /                                    the page
GET /dns.json                            zones and records
POST /dns.json {name, type, value}       add a record; its domain is made when there is none (201, or 422 {error})
DELETE /dns.json?name=…[&type=…&value=…] remove records (204, or 404)
"""

from __future__ import annotations

import argparse
import contextlib
import json
import signal
import threading
from dataclasses import dataclass
from http import HTTPStatus
from http.server import ThreadingHTTPServer
from pathlib import Path
from typing import Self
from urllib.parse import parse_qs, urlsplit

from publicsuffixlist import PublicSuffixList

from infra.embedded import dns_pages as pages
from infra.embedded.dns import BadRecord, Zones, serve
from infra.embedded.dns_zones import checked, plain
from infra.embedded.local_page import LocalPage

# Where the visitor of a fresh demo can add records at once: browsers find *.localhost on this machine.
FIRST_DOMAIN = "youragency.localhost"
EDGE_ADDRESS = "127.0.0.1"
_SUFFIXES = PublicSuffixList()


@dataclass(frozen=True)
class Registrar:
    """The records of everybody's domains; those of the platform's own zone are not for visitors."""

    zones: Zones
    platform: str
    example: str

    def prepare(self, caa: str) -> None:
        """The platform's zone, as its operators would set it up, and a first domain for the visitor."""
        self.zones.add_zone(self.platform)
        self.zones.set(f"*.{self.platform}", ("A", EDGE_ADDRESS), ("CAA", f'0 issue "{caa}"'))
        if self.domains() == []:
            self.zones.add_zone(self.example)

    def domains(self) -> list[str]:
        """The domains that visitors may edit."""
        return [zone for zone in self.zones.zones() if zone != self.platform]

    def register(self, name: str) -> str:
        """A new domain. Raises BadRecord for what is no domain, or not the visitor's."""
        name = checked(name, "TXT", "").name
        if "." not in name:
            raise BadRecord(f"{name} is not a whole domain. Try youragency.test.")
        self._refuse_platform(name)
        if name in self.zones.zones():
            raise BadRecord(f"{name} is here already.")
        self.zones.add_zone(name)
        return name

    def add(self, name: str, kind: str, value: str) -> str:
        """One record; the domain that it went to, made if need be. Raises BadRecord."""
        made = checked(name, kind, value)
        self._refuse_platform(made.name)
        if self.zones.zone_of(made.name) is None:
            self.register(_domain_of(made.name))
        self.zones.add(made.name, made.type, made.value)
        return self.zones.zone_of(made.name) or ""

    def remove(self, name: str, kind: str = "", value: str = "") -> int:
        """How many records went. Raises BadRecord for the platform's own."""
        self._refuse_platform(plain(name))
        return self.zones.remove(name, kind, value)

    def give_up(self, domain: str) -> None:
        """Removes a domain with its records. Raises BadRecord for the platform's own."""
        self._refuse_platform(plain(domain))
        self.zones.remove_zone(domain)

    def _refuse_platform(self, name: str) -> None:
        if name == self.platform or name.endswith(f".{self.platform}"):
            raise BadRecord(f"{self.platform} belongs to the platform: your CNAME leads there.")


def _domain_of(name: str) -> str:
    labels = name.removeprefix("*.").removeprefix("_portal-verify.").split(".")
    # Names such as portal.youragency.localhost are in no list of public suffixes.
    return str(_SUFFIXES.privatesuffix(".".join(labels)) or ".".join(labels[-2:]))


class PageServer(ThreadingHTTPServer):
    """The page over one registrar."""

    daemon_threads = True

    def __init__(self, port: int, registrar: Registrar) -> None:
        super().__init__(("127.0.0.1", port), Desk)
        self.registrar = registrar


class Desk(LocalPage):
    """Answers a browser or a script."""

    server: PageServer
    server_version = "demo-dns"

    def do_GET(self) -> None:
        """The page, its style, or the JSON."""
        if not self.is_from_here():
            return
        match urlsplit(self.path).path:
            case "/":
                self._show()
            case "/style.css":
                self.style()
            case "/dns.json":
                self._json(self.server.registrar.zones.to_json())
            case _:
                self.refuse(HTTPStatus.NOT_FOUND)

    do_HEAD = do_GET

    def do_POST(self) -> None:
        """A form of the page, or a record as JSON."""
        path = urlsplit(self.path).path
        fields = self._record() if path == "/dns.json" else self.form()
        if not self.is_from_here():
            return
        try:
            self._do(path, fields)
        except BadRecord as bad:
            if path == "/dns.json":
                self._json({"error": str(bad)}, HTTPStatus.UNPROCESSABLE_ENTITY)
            else:
                self._show(str(bad), fields)

    def do_DELETE(self) -> None:
        """Removes the records that the query names."""
        if not self.is_from_here():
            return
        parts = urlsplit(self.path)
        asked = {name: values[0] for name, values in parse_qs(parts.query).items()}
        if parts.path != "/dns.json" or not asked.get("name"):
            self.refuse(HTTPStatus.NOT_FOUND)
            return
        try:
            gone = self.server.registrar.remove(asked["name"], asked.get("type", ""), asked.get("value", ""))
        except BadRecord as bad:
            self._json({"error": str(bad)}, HTTPStatus.UNPROCESSABLE_ENTITY)
            return
        self.answer(b"", "text/plain", HTTPStatus.NO_CONTENT if gone else HTTPStatus.NOT_FOUND)

    def _do(self, path: str, fields: dict[str, str]) -> None:
        registrar, name = self.server.registrar, fields.get("name", "")
        match path:
            case "/dns.json":
                registrar.add(name, fields.get("type", ""), fields.get("value", ""))
                self._json(registrar.zones.to_json(), HTTPStatus.CREATED)
            case "/domains":
                self.see(f"/#{registrar.register(name)}")
            case "/domains/remove":
                registrar.give_up(name)
                self.see("/")
            case "/records":
                whole = pages.whole_name(name, fields.get("domain", ""))
                self.see(f"/#{registrar.add(whole, fields.get('type', ''), fields.get('value', ''))}")
            case "/records/remove":
                registrar.remove(name, fields.get("type", ""), fields.get("value", ""))
                self.see(f"/#{registrar.zones.zone_of(plain(name)) or ''}")
            case _:
                self.refuse(HTTPStatus.NOT_FOUND)

    def _record(self) -> dict[str, str]:
        with contextlib.suppress(ValueError):
            said = json.loads(self.body())
            if isinstance(said, dict):
                return {str(name): str(value) for name, value in said.items()}
        return {}

    def _show(self, problem: str = "", fields: dict[str, str] | None = None) -> None:
        registrar = self.server.registrar
        html = pages.desk(
            registrar.domains(),
            registrar.zones.records(),
            registrar.zones.zone_of,
            registrar.example,
            problem=problem,
            typed=fields or {},
        )
        self.page(html, status=HTTPStatus.UNPROCESSABLE_ENTITY if problem else HTTPStatus.OK)

    def _json(self, content: object, status: HTTPStatus = HTTPStatus.OK) -> None:
        self.answer(json.dumps(content, ensure_ascii=False).encode(), "application/json", status)


class Serving:
    """Name server and page for as long as the context lasts. Port 0 takes a free one."""

    def __init__(
        self, file: Path, dns_port: int = 0, http_port: int = 0, *, platform: str, caa: str, example: str
    ) -> None:
        self.zones = Zones(file)
        self.registrar = Registrar(self.zones, plain(platform), plain(example))
        self.registrar.prepare(caa)
        self._dns = serve("127.0.0.1", dns_port, self.zones)
        self._pages = PageServer(http_port, self.registrar)
        self.dns_port, self.http_port = self._dns.port, self._pages.server_port

    def __enter__(self) -> Self:
        threading.Thread(target=self._pages.serve_forever, args=(0.1,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._pages.shutdown()
        self._pages.server_close()
        self._dns.stop()


def main() -> None:
    """Serves until asked to stop."""
    words = argparse.ArgumentParser(prog="python -m infra.embedded.dns_page", description=__doc__)
    words.add_argument("file", type=Path)
    words.add_argument("--dns-port", type=int, required=True)
    words.add_argument("--http-port", type=int, required=True)
    words.add_argument("--platform", required=True, help="zone of the agencies' CNAME targets")
    words.add_argument("--caa", required=True, help="CAA identity of the certificate authority")
    words.add_argument("--example", default=FIRST_DOMAIN, help="a domain to begin with")
    asked = words.parse_args()
    stopped = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stopped.set())
    with Serving(
        asked.file,
        asked.dns_port,
        asked.http_port,
        platform=asked.platform,
        caa=asked.caa,
        example=asked.example,
    ):
        stopped.wait()


if __name__ == "__main__":
    main()
