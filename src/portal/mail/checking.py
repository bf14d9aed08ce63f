"""What is wrong with the words of a mail, said for the person who wrote them."""

import re
from collections.abc import Mapping
from difflib import get_close_matches
from itertools import product

from portal.mail.defaults import FIELDS, Words
from portal.mail.marks import LINK_TO, SCHEMES, links_in, parse, words_in
from portal.mail.placeholders import BODY_ONLY, known_to, needed_by
from portal.mail.source import (
    ANY_BRACES,
    PLACEHOLDER,
    Known,
    Part,
    all_shown,
    choose,
    parts_of,
    without_parts,
)
from portal.module import Email, Kind

LONGEST: Mapping[str, int] = {"subject": 200, "before": 300, "body": 10_000, "foot": 300}
MOST_FLAGS = 6
_PARTLY = re.compile(r"\]\([^)\s{]+\{\{|\]\([ \t]*\{\{[^}]*\}\}[ \t]*[^)\s]")


def problems_of(email: Email, words: Words) -> dict[str, list[str]]:
    """Of each field what keeps the words from being used; empty: they can be."""
    known = known_to(email)
    found = {name: _in_field(name, getattr(words, name), known) for name in FIELDS}
    if not words.subject.strip():
        found["subject"].append("A mail needs a subject.")
    if not words.body.strip():
        found["body"].append("A mail needs words. Reset it to get the ones it came with.")
    elif not found["body"]:
        found["body"] += _links(words.body, known) + _missing(email, words.body, known)
    return {name: problems for name, problems in found.items() if problems}


def _in_field(field: str, source: str, known: Known) -> list[str]:
    problems = []
    if len(source) > LONGEST[field]:
        problems.append(f"That is longer than {LONGEST[field]} characters.")
    if field != "body" and ("\n" in source or "\r" in source):
        problems.append("This is one line.")
    problems += _braces(source, known) + _parts(source, known)
    if field != "body" and not problems:
        names = dict.fromkeys(PLACEHOLDER.findall(source))
        hidden = [name for name in names if known[name].kind in BODY_ONLY]
        problems += [f"{{{{ {name} }}}} can only stand in the mail itself." for name in hidden]
    return problems


def _braces(source: str, known: Known) -> list[str]:
    problems = []
    for inside in dict.fromkeys(ANY_BRACES.findall(source)):
        name = inside.strip()
        placeholder = known.get(name)
        if placeholder is None:
            problems.append(f"There is no placeholder {{{{ {name} }}}} in this mail.{_closest(name, known)}")
        elif placeholder.kind is Kind.FLAG:
            problems.append(f"{name} is a yes or no. Write [[{name}: words]] for words that show by it.")
    rest = ANY_BRACES.sub("", source)
    if any(sign in rest for sign in ("{{", "}}", "{%", "%}", "{#")):
        problems.append("A placeholder is a name between two pairs of curly brackets, like {{ first_name }}.")
    return problems


def _closest(name: str, known: Known, kinds: tuple[Kind, ...] = ()) -> str:
    wanted = re.sub(r"\W+", "_", name.lower()).strip("_")
    names = [one for one, placeholder in known.items() if not kinds or placeholder.kind in kinds]
    close = get_close_matches(wanted, names, n=1, cutoff=0.5)
    return f" Did you mean {close[0]}?" if close else ""


def _parts(source: str, known: Known) -> list[str]:
    rest = without_parts(source)
    if "[[" in rest or "]]" in rest:
        return ["Two square brackets open or close a part here, and the other side is missing."]
    return [problem for part in parts_of(source, known) if (problem := _in_part(part, known))]


def _in_part(part: Part, known: Known) -> str:
    if "[[" in part.words:
        return "A part in double brackets cannot hold another one."
    has_placeholder = bool(PLACEHOLDER.search(part.words))
    if part.flag:
        return ""
    if part.asked and (close := _closest(part.asked, known, (Kind.FLAG,)) or not has_placeholder):
        return f"There is no yes or no called {part.asked} in this mail.{close if isinstance(close, str) else ''}"
    if not has_placeholder:
        return f"[[{part.words[:40]}]] would always show: it has no placeholder. Take the brackets off."
    return ""


def _links(source: str, known: Known) -> list[str]:
    if _PARTLY.search(source):
        return ["A link leads either to a placeholder or to an address, not to a mixture of both."]
    tokens = parse(all_shown(source, known))
    problems = []
    for href in dict.fromkeys(links_in(tokens)):
        if href.startswith(LINK_TO):
            name = href.removeprefix(LINK_TO)
            if name not in known or known[name].kind is not Kind.LINK:
                problems.append(f"{name} is not a link, so nothing can lead there.")
            elif not known[name].needed and name in PLACEHOLDER.findall(without_parts(source)):
                problems.append(f"{name} can be empty: write the link in [[…]], so that none leads nowhere.")
        elif href.partition(":")[0].lower() not in SCHEMES or ":" not in href:
            problems.append(f"“{href[:60]}” is no address. Begin it with https://.")
    if "](" in words_in(tokens):
        problems.append("A link is not complete. Write [words](https://example.com).")
    return problems


def _missing(email: Email, source: str, known: Known) -> list[str]:
    """Needed placeholders that some mail would be sent without, whatever the yes and no of it."""
    flags = sorted({part.flag for part in parts_of(source, known) if part.flag})
    if len(flags) > MOST_FLAGS:
        return [f"These are too many different conditions: {MOST_FLAGS} at most."]
    problems = []
    for name in needed_by(email):
        label = known[name].label
        if name not in PLACEHOLDER.findall(source):
            problems.append(
                f"This mail is of no use without {{{{ {name} }}}} ({label[:1].lower()}{label[1:]})."
            )
        elif not all(
            _stays(name, source, dict(zip(flags, yes, strict=True)), known) for yes in _every(flags)
        ):
            problems.append(
                f"{{{{ {name} }}}} would be missing from some mails: let it stand outside of [[…]]."
            )
    return problems


def _every(flags: list[str]) -> list[tuple[bool, ...]]:
    return list(product((False, True), repeat=len(flags)))


def _stays(name: str, source: str, flags: Mapping[str, bool], known: Known) -> bool:
    # All else is empty: parts that depend on another value count as left out.
    return name in PLACEHOLDER.findall(choose(source, {**flags, name: "x"}, known))
