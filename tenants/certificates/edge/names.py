"""The names that clients ask for in TLS (SNI, RFC 6066 §3): untrusted until they went through here."""

import re

LONGEST = 253
# The last label begins with a letter, so an address literal is no name; "/", "*" and "_" never pass.
_NAME = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)*[a-z](?:[a-z0-9-]{0,61}[a-z0-9])?")


def canonical(asked: str | None) -> str | None:
    """The name in lower case without its trailing dot; None when it cannot be a host's name."""
    name = (asked or "").removesuffix(".").lower()
    return name if len(name) <= LONGEST and _NAME.fullmatch(name) else None


def host_of(header: str) -> str | None:
    """The name in a Host header, without port, as `canonical` gives it; None when it holds none."""
    name, colon, port = header.partition(":")
    return None if colon and not port.isdecimal() else canonical(name)


def is_platform_host(name: str, platform: str) -> bool:
    """Whether the platform's wildcard certificate covers the name: the platform itself or one label below."""
    if name == platform:
        return True
    label, _, rest = name.partition(".")
    return bool(label) and rest == platform
