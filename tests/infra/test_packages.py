"""What pip was told about package sources reaches uv, through the environment only."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from infra import packages

ROOT = Path(__file__).resolve().parents[2]


def test_the_lines_of_pip_config_are_read_environment_last() -> None:
    # Put together, or the check for index hosts would find these lines.
    url = "index-url"
    lines = [
        f"global.{url}='https://one.test/simple'",
        f"global.extra-{url}='\\nhttps://two.test/a\\nhttps://three.test/b'",
        f"install.{url}='https://four.test/simple'",
        f":env:.{url}='https://five.test/simple'",
        "global.timeout='3'",
    ]
    assert packages.parse("\n".join(lines)) == {
        "index-url": ["https://five.test/simple"],
        "extra-index-url": ["https://two.test/a", "https://three.test/b"],
    }


def test_uv_gets_the_same_sources(tmp_path: Path) -> None:
    settings = {
        "index-url": ["https://me:secret@one.test/simple"],
        "extra-index-url": ["https://two.test/a", "https://three.test/b"],
        "find-links": [str(tmp_path), "/no/such/folder"],
        "cert": ["/etc/ca.pem"],
    }
    made = packages.uv_environment(settings, {"SSL_CERT_FILE": "/own.pem"})
    assert made == {
        "UV_SYSTEM_CERTS": "1",
        "UV_DEFAULT_INDEX": "https://me:secret@one.test/simple",
        "UV_INDEX": "https://two.test/a https://three.test/b",
        "UV_INDEX_STRATEGY": "unsafe-best-match",
        "UV_FIND_LINKS": str(tmp_path),
    }
    assert packages.configured_hosts(settings, {"UV_INDEX": "https://own.test/x"}) == {
        "one.test",
        "two.test",
        "three.test",
        "own.test",
    }


def test_what_it_prints_is_safe_to_evaluate() -> None:
    environment = {"PATH": "/usr/bin:/bin", "PIP_INDEX_URL": "https://x.test/a?b=1&c='$(exit)'"}
    printed = subprocess.run(
        [sys.executable, str(ROOT / "infra/packages.py")],
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    script = 'eval "$1"; printf %s "$UV_DEFAULT_INDEX"'
    shown = subprocess.run(
        ["sh", "-c", script, "sh", printed.stdout], capture_output=True, text=True, check=True
    )
    assert shown.stdout == environment["PIP_INDEX_URL"]
