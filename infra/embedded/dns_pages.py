"""The page on which the demo's visitor edits DNS records, made like a registrar's."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from html import escape

from infra.embedded.dns_zones import Record, plain
from infra.embedded.local_page import document

OFFERED = ("CNAME", "TXT", "A", "AAAA", "CAA", "MX")
HINT = """<p class="quiet">What a registrar's DNS page does, for the demo: the platform and its certificate
authority ask this name server instead of the internet's. Records count at once. Names ending in
<code>.localhost</code> are found by every browser on this machine, so a portal on one opens right here.</p>"""


def whole_name(part: str, domain: str) -> str:
    """What a person typed into Name, with the domain: registrars add it, and so does this page, once."""
    part, domain = plain(part), plain(domain)
    if part in ("", "@"):
        return domain
    return part if part == domain or part.endswith(f".{domain}") else f"{part}.{domain}"


def desk(
    domains: Sequence[str],
    records: Sequence[Record],
    zone_of: Callable[[str], str | None],
    example: str,
    *,
    problem: str = "",
    typed: dict[str, str],
) -> str:
    """All domains with their records; `problem` says why the last form was refused, `typed` what was in it."""
    said = f'<p class="problem" role="alert">{escape(problem)}</p>' if problem else ""
    sections = "".join(
        _domain(
            domain,
            [record for record in records if zone_of(record.name) == domain],
            typed if typed.get("domain") == domain else {},
        )
        for domain in domains
    )
    name = escape(typed.get("name", "")) if "domain" not in typed and problem else ""
    return document(
        "DNS of the demo",
        f"""<header><h1>DNS of the demo</h1></header><main>{HINT}{said}
{sections or '<p class="quiet">No domain yet. Add one below; its records come next.</p>'}
<section><h2>Another domain</h2><form action="/domains" method="post" class="record">
<label>Domain<input name="name" value="{name}" placeholder="{escape(example)}" required></label>
<button>Add domain</button>
</form></section></main>""",
    )


def _domain(domain: str, records: Sequence[Record], typed: dict[str, str]) -> str:
    rows = "".join(_row(record, domain) for record in records)
    table = (
        f'<div class="scroll" tabindex="0" role="region" aria-label="Records of {escape(domain)}"><table><thead><tr>'
        '<th scope="col">Type<th scope="col">Name<th scope="col">Value<td></tr></thead>'
        f"<tbody>{rows}</tbody></table></div>"
    )
    nothing = '<p class="quiet">No records yet. Copy them from Branding › Domain in the console.</p>'
    return f"""<section id="{escape(domain)}"><header><h2>{escape(domain)}</h2>
<form action="/domains/remove" method="post"><input type="hidden" name="name" value="{escape(domain)}">
<button aria-label="Remove the domain {escape(domain)}">Remove</button></form></header>
{table if rows else nothing}{_form(domain, typed)}</section>"""


def _row(record: Record, domain: str) -> str:
    part = record.name.removesuffix(domain).rstrip(".") or "@"
    hidden = "".join(
        f'<input type="hidden" name="{name}" value="{escape(value)}">'
        for name, value in (("name", record.name), ("type", record.type), ("value", record.value))
    )
    return (
        f"<tr><td>{record.type}<td>{escape(part)}<td>{escape(record.value)}<td>"
        f'<form action="/records/remove" method="post">{hidden}'
        f'<button aria-label="Delete {record.type} {escape(record.name)}">Delete</button></form></tr>'
    )


def _form(domain: str, typed: dict[str, str]) -> str:
    chosen = typed.get("type", OFFERED[0])
    options = "".join(f"<option{' selected' if kind == chosen else ''}>{kind}</option>" for kind in OFFERED)
    return f"""<form action="/records" method="post" class="record">
<input type="hidden" name="domain" value="{escape(domain)}">
<label>Type<select name="type">{options}</select></label>
<label>Name<input name="name" value="{escape(typed.get("name", ""))}" placeholder="portal" autocapitalize="none"
autocomplete="off" spellcheck="false"></label>
<label class="wide">Value<input name="value" value="{escape(typed.get("value", ""))}" required autocapitalize="none"
autocomplete="off" spellcheck="false"></label>
<button>Add record</button></form>"""
