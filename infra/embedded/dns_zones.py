"""What the DNS server of demo and tests knows: zones and records, kept in a file if wanted."""

from __future__ import annotations

import ipaddress
import json
import os
import re
import threading
from dataclasses import asdict, dataclass
from pathlib import Path

TYPES = ("A", "AAAA", "CNAME", "TXT", "CAA", "NS", "SOA", "MX")
_NAME = re.compile(
    r"(\*\.)?([a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?\.)*[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?\Z"
)
_CAA = re.compile(r'(\d{1,3}) ([a-zA-Z0-9]{1,15}) "?([^"]*)"?\Z')


class BadRecord(ValueError):
    """A record that no name server would take; the message is for the person who typed it."""


@dataclass(frozen=True)
class Record:
    """One record. `value` as in a zone file, but TXT without quotes: `0 issue "letsencrypt.org"`, `10 mail.a.test`."""

    name: str
    type: str
    value: str
    ttl: int = 1


def plain(name: str) -> str:
    """A name in lower case without its trailing dot."""
    return name.strip().lower().rstrip(".")


def checked(name: str, kind: str, value: str, ttl: int = 1) -> Record:
    """A record as a registrar would accept it.

    Raises:
        BadRecord: in words for the person who typed it.
    """
    name, kind, value = plain(name), kind.strip().upper(), str(value).strip()
    if kind not in TYPES:
        raise BadRecord(f"There is no record type {kind or '(empty)'} here. Known: {', '.join(TYPES)}.")
    if len(name) > 253 or not _NAME.match(name):
        raise BadRecord(f"{name or '(empty)'} is not a name a record can have.")
    if kind in ("A", "AAAA"):
        value = _address(kind, value)
    elif kind in ("CNAME", "NS"):
        value = plain(value)
        if not _NAME.match(value):
            raise BadRecord(f"A {kind} leads to a name, and {value or '(empty)'} is none.")
    elif kind == "CAA" and not _CAA.match(value):
        raise BadRecord('A CAA record looks like: 0 issue "letsencrypt.org"')
    elif kind == "TXT" and len(value) > 4000:
        raise BadRecord("A TXT record has at most 4,000 characters here.")
    return Record(name, kind, value, ttl)


def caa_parts(value: str) -> tuple[int, str, str]:
    """Flags, tag and value of a CAA record."""
    found = _CAA.match(value)
    if not found:
        raise BadRecord(value)
    return min(int(found[1]), 255), found[2], found[3]


class Zones:
    """Zones and records of one server, safe for threads. With a file: read again when somebody else writes it."""

    def __init__(self, file: Path | None = None) -> None:
        self.file = file
        self.log: list[tuple[str, str, bool]] = []  # name, type, whether recursion was asked for
        self._zones: dict[str, dict[str, str]] = {}
        self._records: dict[str, list[Record]] = {}
        self._odd: dict[tuple[str, str], tuple[str, float]] = {}
        self._names: frozenset[str] | None = None
        self._seen = (0, 0)
        self.lock = threading.RLock()
        self.refresh()

    def add_zone(self, apex: str, servers: dict[str, str] | None = None) -> None:
        """Make a zone with SOA and NS; `servers`: the address of each name server (default: one on 127.0.0.1)."""
        with self.lock:
            self._zones[plain(apex)] = servers or {f"ns1.{plain(apex)}": "127.0.0.1"}
        self._keep()

    def remove_zone(self, apex: str) -> None:
        """Forget a zone and all its records."""
        apex = plain(apex)
        with self.lock:
            self._zones.pop(apex, None)
            for name in [name for name in self._records if name == apex or name.endswith(f".{apex}")]:
                del self._records[name]
        self._keep()

    def zones(self) -> list[str]:
        """The apexes of all zones, sorted."""
        self.refresh()
        with self.lock:
            return sorted(self._zones)

    def zone_of(self, name: str) -> str | None:
        """The nearest zone at or above a name."""
        with self.lock:
            return next((above for above in _upwards(name) if above in self._zones), None)

    def set(self, name: str, *records: tuple[str, str], ttl: int = 1) -> None:
        """Replace all records of a name: `set("a.test", ("A", "127.0.0.1"))`; also what
        a registrar would refuse."""
        made = [checked(name, kind, value, ttl) for kind, value in records]
        with self.lock:
            self._records[plain(name)] = made
        self._keep()

    def add(self, name: str, kind: str, value: str, ttl: int = 1) -> Record:
        """Add one record as at a registrar.

        Raises:
            BadRecord: it is malformed, there already, or stands beside a CNAME (RFC 1034 §3.6.2).
        """
        made = checked(name, kind, value, ttl)
        with self.lock:
            beside = self._records.get(made.name, [])
            if made in beside:
                raise BadRecord("That record is there already.")
            if beside and "CNAME" in (made.type, *(record.type for record in beside)):
                raise BadRecord(
                    f"A CNAME stands alone: {made.name} has {beside[0].type} already. Remove it first."
                )
            self._records[made.name] = [*beside, made]
        self._keep()
        return made

    def remove(self, name: str, kind: str = "", value: str = "") -> int:
        """Remove the records of a name (of a type, with a value); how many there were."""
        name = plain(name)
        with self.lock:
            here = self._records.get(name, [])
            kept = [r for r in here if (kind and r.type != kind) or (value and r.value != value)]
            if kept:
                self._records[name] = kept
            else:
                self._records.pop(name, None)
        self._keep()
        return len(here) - len(kept)

    delete = remove

    def fail(self, name: str, how: str, *, kind: str = "", seconds: float = 0) -> None:
        """Misbehave for a name ("*": for all; `kind`: for one type). `how` is "" (no more), a word of
        `infra.embedded.dns.ODD`, or LAG with `seconds` to wait before the answer."""
        with self.lock:
            if how:
                self._odd[plain(name), kind] = (how, seconds)
            else:
                self._odd = {key: odd for key, odd in self._odd.items() if key[0] != plain(name)}

    def odd(self, name: str, kind: str) -> tuple[str, float]:
        """How to misbehave for a question; ("", 0): not."""
        with self.lock:
            for key in ((name, kind), (name, ""), ("*", kind), ("*", "")):
                if key in self._odd:
                    return self._odd[key]
        return "", 0

    def records(self) -> list[Record]:
        """Every record that somebody made, by name; without the SOA and NS of zones."""
        self.refresh()
        with self.lock:
            return [record for name in sorted(self._records) for record in self._records[name]]

    def at(self, name: str) -> list[Record] | None:
        """The records of a name, by wildcard too (RFC 4592); [] if only names below exist, None: no such name."""
        with self.lock:
            if name in self._known():
                return self._own(name)
            for above in _upwards(name)[1:]:
                if f"*.{above}" in self._records:
                    return [Record(name, r.type, r.value, r.ttl) for r in self._records[f"*.{above}"]]
                if above in self._known():
                    return None
            return None

    def _own(self, name: str) -> list[Record]:
        own = list(self._records.get(name, []))
        if name in self._zones:
            first = next(iter(self._zones[name]))
            own.append(Record(name, "SOA", f"{first} hostmaster.{name} 1 3600 600 86400 1"))
            own += [Record(name, "NS", server) for server in self._zones[name]]
        for servers in self._zones.values():
            if name in servers and not any(record.type in ("A", "AAAA") for record in own):
                address = servers[name]
                own.append(Record(name, "AAAA" if ":" in address else "A", address))
        return own

    def _known(self) -> frozenset[str]:
        if self._names is None:
            self._names = self._count_names()
        return self._names

    def _count_names(self) -> frozenset[str]:
        named = {*self._records, *self._zones, *(ns for servers in self._zones.values() for ns in servers)}
        return frozenset(above for name in named for above in _upwards(name))

    def refresh(self) -> None:
        """Read the file again if another process has written it."""
        if self.file is None or not self.file.exists():
            return
        stat = self.file.stat()
        with self.lock:
            if (stat.st_mtime_ns, stat.st_ino) != self._seen:
                self._seen = (stat.st_mtime_ns, stat.st_ino)
                self._take(json.loads(self.file.read_text(encoding="utf-8")))

    def to_json(self) -> dict[str, object]:
        """Zones and records, as the file holds them."""
        with self.lock:
            return {"zones": self._zones, "records": [asdict(r) for rs in self._records.values() for r in rs]}

    def _take(self, saved: dict[str, object]) -> None:
        zones, records = saved.get("zones", {}), saved.get("records", [])
        assert isinstance(zones, dict) and isinstance(records, list)
        self._zones = {plain(apex): dict(servers) for apex, servers in zones.items()}
        self._records, self._names = {}, None
        for one in records:
            made = checked(one["name"], one["type"], one["value"], int(one.get("ttl", 1)))
            self._records.setdefault(made.name, []).append(made)

    def _keep(self) -> None:
        self._names = None
        if self.file is None:
            return
        with self.lock:
            draft = self.file.with_name(f"{self.file.name}.{os.getpid()}.{threading.get_ident()}")
            draft.write_text(json.dumps(self.to_json(), indent=1), encoding="utf-8")
            draft.replace(self.file)
            stat = self.file.stat()
            self._seen = (stat.st_mtime_ns, stat.st_ino)


def _address(kind: str, value: str) -> str:
    try:
        found = (ipaddress.IPv4Address if kind == "A" else ipaddress.IPv6Address)(value)
    except ValueError as error:
        four = "IPv4 address such as 192.0.2.10" if kind == "A" else "IPv6 address such as 2001:db8::10"
        raise BadRecord(f"The value of an {kind} record is an {four}.") from error
    return str(found)


def _upwards(name: str) -> list[str]:
    labels = name.split(".")
    return [".".join(labels[count:]) for count in range(len(labels))]
