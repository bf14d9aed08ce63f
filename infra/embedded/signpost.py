"""Where everything of a running demo is: on screen for a person, in var/demo.json for a script."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

from infra.embedded.demo_domains import DemoDomains, how_to_trust

OF_DOMAINS = ("dns", "dns_json", "edge", "ca_file", "acme", "example")


def describe(
    scheme: str,
    host: str,
    mail_port: int | None,
    agencies: list[dict[str, Any]],
    domains: DemoDomains | None = None,
    payments: str | None = None,
) -> dict[str, Any]:
    """What var/demo.json says: where everything is, who the people are. No mail page with a real SMTP,
    nothing of custom domains where they are off, no `stripe` with real keys.

    `host` is the platform's, with its port.
    """
    mail = f"http://localhost:{mail_port}/" if mail_port else None
    return {
        "platform": f"{scheme}://{host}/",
        "console": f"{scheme}://app.{host}/",
        "mail": mail,
        "mail_json": f"{mail}mails.json" if mail else None,
        "api": f"{scheme}://app.{host}/api/v1/",
        "stripe": payments,
        **(domains.describe() if domains else dict.fromkeys(OF_DOMAINS)),
        "agencies": [
            {
                "slug": agency["slug"],
                "plan": agency["plan"],
                "portal": f"{scheme}://{agency['slug']}.{host}/",
                "people": agency["people"],
            }
            for agency in agencies
        ],
    }


def where_to_go(about: dict[str, Any], var: Path, domains: DemoDomains | None = None) -> str:
    """The last thing on screen."""
    rows = [
        ("Platform (sign up here)", about["platform"]),
        ("Console (staff)", about["console"]),
        ("API", about["api"]),
    ]
    if about["mail"]:
        rows.append(("Mails it sends", about["mail"]))
    if about["stripe"]:
        rows.append(("Test cards, nothing charged", about["stripe"]))
    if domains:
        rows += [("DNS of the demo", about["dns"]), ("A custom domain, once made", about["example"])]
    lines = ["", *(f"  {what:<28}{where}" for what, where in rows)]
    for agency in about["agencies"]:
        lines += ["", f"  {agency['slug']} ({agency['plan']})".ljust(30) + agency["portal"]]
        lines += [f"    {person['part']:<26}{person['email']}" for person in agency["people"]]
    people = [person for agency in about["agencies"] for person in agency["people"]]
    if passwords := sorted({person["password"] for person in people if "password" in person}):
        lines += ["", f"  Owners and staff log in on the console with the password {' or '.join(passwords)}"]
    if people:
        lines.append(
            "  Clients get a link and a code by mail: ask for it on their portal, read it on the mail page."
        )
    if domains:
        lines += ["", *(f"  {line}" for line in how_to_trust(domains.root))]
    where = os.path.relpath(var)
    return "\n".join([*lines, "", f"  As JSON: {where}/demo.json    Logs: {where}/log/", ""])


def write(path: Path, about: dict[str, Any]) -> None:
    """Puts it into the file, whole: a script may be waiting for it to appear."""
    unfinished = path.with_suffix(".new")
    unfinished.write_text(json.dumps(about, indent=2) + "\n", encoding="utf-8")
    unfinished.rename(path)
