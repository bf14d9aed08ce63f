"""The platform with all that custom domains need, and a Chromium that trusts only the ACME server's root besides."""

import os
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Browser

from infra.embedded.browser_trust import home_that_trusts
from infra.embedded.demo_domains import CAA, certificate_key, listens
from infra.embedded.dns_page import EDGE_ADDRESS, Serving
from infra.embedded.pebble import Pebble
from infra.embedded.processes import free_port
from tests.browser.platform import Running, chromium, running_platform
from tests.processes import wait_until

EXAMPLE = "youragency.localhost"


@dataclass(frozen=True)
class OwnDomains:
    """The running platform, its visitor's registrar, its certificate authority and its edge."""

    platform: Running
    dns: Serving
    pebble: Pebble
    https: int
    database: str

    def address(self, host: str, path: str = "/") -> str:
        """An address on a custom domain."""
        return f"https://{host}:{self.https}{path}"


@contextmanager
def platform_with_domains(folder: Path, database: str) -> Iterator[OwnDomains]:
    """Start it all as `./bin/demo` does, on ports of its own."""
    http, https = free_port(), free_port()
    with ExitStack() as stack:
        dns = stack.enter_context(
            Serving(folder / "dns.json", platform="to.localhost", caa=CAA, example=EXAMPLE)
        )
        pebble = stack.enter_context(Pebble(folder / "pebble", f"127.0.0.1:{dns.dns_port}", http_port=http))
        edge = [sys.executable, "manage.py", "edge", "--https", str(https), "--http", str(http)]
        running = stack.enter_context(
            running_platform(
                folder,
                database,
                programs={"edge": edge},
                ACME_DIRECTORY=pebble.directory,
                ACME_CA_FILE=str(pebble.ca_file),
                ACME_CAA=CAA,
                EDGE_IPV4=EDGE_ADDRESS,
                EDGE_HTTPS_PORT=str(https),
                DNS_RESOLVERS=f"127.0.0.1:{dns.dns_port}",
                DNS_PORT=str(dns.dns_port),
                CERTIFICATE_KEYS=certificate_key(folder / "certificate_key"),
            )
        )
        wait_until(lambda: listens(https) and listens(http), 40, f"the edge listens; see {folder}/edge.log")
        yield OwnDomains(running, dns, pebble, https, database)


@contextmanager
def trusting_browser(browser: Browser, folder: Path, root: bytes) -> Iterator[Browser]:
    """A second Chromium whose own certificate store holds that root: any other certificate is refused."""
    from tests.conftest import FLAGS

    launched = browser.browser_type.launch(
        executable_path=chromium(),
        args=[*FLAGS, *([] if os.geteuid() else ["--no-sandbox"])],
        env={**os.environ, **home_that_trusts(folder, root)},
    )
    try:
        yield launched
    finally:
        launched.close()
