"""The ACME server of demo and tests: ready when started, gone when stopped, plain words when it cannot."""

import json
import ssl
import urllib.request
from pathlib import Path

import pytest

from infra.embedded.pebble import Pebble
from infra.embedded.processes import Failed


def _asked(pebble: Pebble) -> dict[str, object]:
    trust = ssl.create_default_context(cafile=str(pebble.ca_file))
    with urllib.request.urlopen(pebble.directory, context=trust, timeout=5) as answer:
        said: dict[str, object] = json.load(answer)
    return said


def test_it_answers_once_it_is_started_and_is_trusted_over_restarts(tmp_path: Path) -> None:
    pebble = Pebble(tmp_path)
    with pebble:
        assert "newOrder" in _asked(pebble)
        trusted, root, at = pebble.ca_file.read_bytes(), pebble.root_pem(), pebble.directory
    with pebble:
        assert pebble.ca_file.read_bytes() == trusted and pebble.directory == at
        assert pebble.root_pem() != root, "what it issues is from another root now"
    assert (tmp_path / "listener.key").stat().st_mode & 0o077 == 0


def test_asked_for_an_external_account_it_says_so(tmp_path: Path) -> None:
    with Pebble(
        tmp_path, eab={"kid-1": "zWNDZM6eQGHWpSRTPal5eIUYFTu7EajVIoguysqZ9wG44nMEtx3MUAsUDkMTQ12W"}
    ) as one:
        assert _asked(one)["meta"]["externalAccountRequired"] is True  # type: ignore[index]


def test_without_the_program_it_says_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(Failed, match="apt-get install pebble"):
        Pebble(tmp_path).start()


def test_what_it_said_is_shown_when_it_does_not_start(tmp_path: Path) -> None:
    with Pebble(tmp_path / "one") as one, pytest.raises(Failed, match="address already in use"):
        Pebble(tmp_path / "two", port=one.port).start()
