"""The real parts around a claim: DNS, Pebble, and the edge as a process of its own."""

import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from django.conf import settings

from infra.embedded.processes import free_port
from tests.processes import program, wait_until
from tests.rig import acme
from tests.tenants.domains.life.world import OURS, dns_settings, zones_into


@contextmanager
def real_settings(grounds: acme.Grounds, **more: object) -> Iterator[dict[str, str]]:
    """This process lives in the world of those grounds; gives the variables for other processes that are to."""
    zones_into(grounds.zones)
    wanted = {
        **dns_settings(grounds.server),
        "ACME_DIRECTORY": grounds.pebble.directory,
        "ACME_CA_FILE": str(grounds.pebble.ca_file),
        **more,
    }
    with pytest.MonkeyPatch.context() as patch:
        for name, value in wanted.items():
            patch.setattr(settings, name, value)
        yield {name: ",".join(v) if isinstance(v, list) else str(v) for name, v in wanted.items()}


@contextmanager
def edge(grounds: acme.Grounds) -> Iterator[int]:
    """`manage.py edge` behind which the whole application answers, also the CA's questions; its https port."""
    https = free_port()
    probes = [f"{OURS}:{https}"]
    with real_settings(grounds, EDGE_PROBES=probes, EDGE_HTTPS_PORT=https) as told:
        host = {"PORTICO_HOST": "localhost", "PORTICO_SCHEME": "http"}
        ports = ("--https", str(https), "--http", str(grounds.http_port))
        with program("manage.py", "edge", *ports, **told, **host):
            wait_until(lambda: _answers(https), 30, "the edge")
            yield https


def serial_of(host: str, port: int, root: Path) -> int:
    """The serial of the certificate that a visitor gets who trusts this root only; SSLError when it is not good."""
    from cryptography import x509

    context = ssl.create_default_context(cafile=str(root))
    with (
        socket.create_connection((OURS, port), 5) as plain,
        context.wrap_socket(plain, server_hostname=host) as tls,
    ):
        presented = tls.getpeercert(binary_form=True)
    assert presented
    return x509.load_der_x509_certificate(presented).serial_number


def _answers(port: int) -> bool:
    try:
        socket.create_connection((OURS, port), 1).close()
    except OSError:
        return False
    return True
