"""Tells uv what pip has been told about package sources.

uv reads neither pip.conf nor PIP_*. `bin/setup` evaluates what this prints, so that a mirror configured for
pip serves uv too and its address stays in the environment: it never reaches a file of the repository.
Runs on the machine's own Python, before the venv exists: standard library only.
"""

from __future__ import annotations

import ast
import os
import shlex
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlsplit

# Later sections win, as in pip itself.
SECTIONS = ("global", "install", ":env:")
OPTIONS = ("index-url", "extra-index-url", "find-links", "trusted-host", "cert")


def pip_settings() -> dict[str, list[str]]:
    """What pip is configured with, files and environment together: option → its words. Empty without pip."""
    command = [sys.executable, "-m", "pip", "--disable-pip-version-check", "config", "list"]
    answer = subprocess.run(command, capture_output=True, text=True, check=False)
    if answer.returncode:
        # The venv has no pip of its own; its environment still says what was set there.
        return _from_environment(os.environ)
    return parse(answer.stdout)


def parse(listing: str) -> dict[str, list[str]]:
    """The options this module passes on, out of the lines that `pip config list` prints (`name='value'`)."""
    settings: dict[str, list[str]] = {}
    for section in SECTIONS:
        for line in listing.splitlines():
            name, _, literal = line.partition("=")
            option = name.removeprefix(f"{section}.")
            if option != name and option in OPTIONS:
                settings[option] = str(ast.literal_eval(literal)).split()
    return settings


def uv_environment(settings: Mapping[str, list[str]], already: Mapping[str, str]) -> dict[str, str]:
    """The variables that make uv use the same sources; what is set for uv in `already` is left alone."""
    wanted = {"UV_SYSTEM_CERTS": "1"}
    if urls := settings.get("index-url"):
        wanted["UV_DEFAULT_INDEX"] = urls[-1]
    if urls := settings.get("extra-index-url"):
        wanted["UV_INDEX"] = " ".join(urls)
        # As pip does. Safe because every file is checked against the hashes of the lock.
        wanted["UV_INDEX_STRATEGY"] = "unsafe-best-match"
    # uv stops at a folder that is not there, pip only warns.
    links = [link for link in settings.get("find-links", ()) if "://" in link or Path(link).is_dir()]
    if links:
        wanted["UV_FIND_LINKS"] = ",".join(links)
    if hosts := settings.get("trusted-host"):
        wanted["UV_INSECURE_HOST"] = " ".join(hosts)
    if certificates := settings.get("cert"):
        wanted["SSL_CERT_FILE"] = certificates[-1]
    return {name: value for name, value in wanted.items() if name not in already}


def configured_hosts(settings: Mapping[str, list[str]], environment: Mapping[str, str]) -> set[str]:
    """Hosts of the package sources configured on this machine (loopback apart): none may stand in a file."""
    addresses = [
        word for option in ("index-url", "extra-index-url", "find-links") for word in settings.get(option, ())
    ]
    for name in ("UV_DEFAULT_INDEX", "UV_INDEX", "UV_INDEX_URL", "UV_EXTRA_INDEX_URL", "UV_FIND_LINKS"):
        addresses += environment.get(name, "").replace(",", " ").split()
    hosts = {
        urlsplit(address.rpartition("=")[2] if "=http" in address else address).hostname
        for address in addresses
    }
    return {host for host in hosts if host and host != "localhost" and not host.startswith("127.")}


def _from_environment(environment: Mapping[str, str]) -> dict[str, list[str]]:
    names = {option: f"PIP_{option.upper().replace('-', '_')}" for option in OPTIONS}
    return {option: environment[name].split() for option, name in names.items() if environment.get(name)}


def main() -> None:
    """Prints `export NAME=value` lines for `eval`."""
    for name, value in uv_environment(pip_settings(), os.environ).items():
        print(f"export {name}={shlex.quote(value)}")


if __name__ == "__main__":
    main()
