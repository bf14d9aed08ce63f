"""Starts the agent from its variables (docs/operations.md, "The edge")."""

from __future__ import annotations

import os
import signal
import sys
import threading
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
sys.path[:0] = [str(ROOT), str(ROOT / "src")]

import structlog  # noqa: E402
from django.conf import settings  # noqa: E402
from django.core.exceptions import ImproperlyConfigured  # noqa: E402

from infra.edge.agent import answers  # noqa: E402
from infra.edge.agent.folder import AlreadyRunning, Folder  # noqa: E402
from infra.edge.agent.snapshot import Snapshot  # noqa: E402
from tenants.certificates.edge.following import COMPARE_SECONDS, Follower  # noqa: E402
from tenants.certificates.edge.names import canonical, is_platform_host  # noqa: E402
from tenants.certificates.edge.wildcard import WildcardFiles  # noqa: E402
from tenants.certificates.sealing import newest_key_name  # noqa: E402

log = structlog.get_logger()
LOOK_EVERY_SECONDS = 2.0
LATE_SECONDS = 4 * COMPARE_SECONDS


class Agent:
    """The folder, whoever follows the table for it, and the platform's wildcard if there is one."""

    def __init__(self, variables: dict[str, str]) -> None:
        self._platform = variables.get("PORTICO_HOST", "localhost")
        certificate = variables.get("EDGE_WILDCARD_CERT", "")
        self._wildcard = (
            WildcardFiles(certificate, variables.get("EDGE_WILDCARD_KEY", "")) if certificate else None
        )
        snapshot = Snapshot(Path(variables.get("EDGE_SNAPSHOT", "/var/lib/portico-edge/snapshot.sqlite")))
        self.folder = Folder(Path(variables.get("EDGE_FOLDER", "/run/portico-edge")), snapshot)
        self.follower = Follower(variables["DATABASE_URL"], self.folder)

    def pem_of(self, asked: str) -> bytes | None:
        """What a client that asked for this name gets."""
        name = canonical(asked)
        if name is None:
            return None
        is_wildcards = self._wildcard and is_platform_host(name, self._platform)
        return self.folder.pem(f"*.{self._platform}" if is_wildcards else name)

    def health(self) -> tuple[bool, dict[str, object]]:
        """Whether it follows the table, and in words. It serves what it has either way."""
        ago = self.follower.compared_seconds_ago
        words: dict[str, object] = {
            "postgres": self.follower.is_connected,
            "names": len(self.folder.versions()),
            "compared_seconds_ago": None if ago is None else round(ago, 1),
        }
        return ago is not None and ago < LATE_SECONDS, words

    def look_at_wildcard(self) -> None:
        """Take over the platform's files when they have changed."""
        if self._wildcard:
            self.folder.put_wildcard(self._wildcard, f"*.{self._platform}")


def main(variables: dict[str, str]) -> str | None:
    """Run until SIGTERM or SIGINT; what is wrong with the variables, if anything."""
    keys = [line.strip() for line in variables.get("CERTIFICATE_KEYS", "").split(",")]
    settings.configure(CERTIFICATE_KEYS=[key for key in keys if key])
    if not variables.get("DATABASE_URL"):
        return "DATABASE_URL is not set: the agent takes the certificates from there."
    try:
        newest_key_name()
        agent = Agent(variables)
    except (ImproperlyConfigured, AlreadyRunning) as error:
        return str(error)
    stopped = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopped.set())
    log.info("edge.restored", names=agent.folder.restore())
    agent.look_at_wildcard()
    if port := int(variables.get("EDGE_AGENT_PORT", "0")):
        token = variables.get("EDGE_AGENT_TOKEN", "")
        answers.serve(port, token=token, health=agent.health, pem_of=agent.pem_of)
    agent.follower.start()
    while not stopped.wait(LOOK_EVERY_SECONDS):
        agent.look_at_wildcard()
    agent.follower.stop()
    return None


if __name__ == "__main__":
    sys.exit(main(dict(os.environ)))
