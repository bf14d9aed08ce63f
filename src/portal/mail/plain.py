"""The plain-text part of a mail, from the same tokens as its HTML."""

from collections.abc import Mapping, Sequence
from typing import Any

from markdown_it.token import Token

from portal.mail.marks import address_behind, parse
from portal.mail.source import Known, choose, one_line
from portal.module import Kind


def text_of(source: str, values: Mapping[str, Any], known: Known) -> str:
    """The body as plain words."""
    return write(parse(choose(source, values, known)), values, known)


def write(tokens: Sequence[Token], values: Mapping[str, Any], known: Known) -> str:
    """Paragraphs with empty lines between them, lists with dashes, a button as its words above its address."""
    blocks: list[str] = []
    lists: list[int | None] = []
    lead = ""
    for place, token in enumerate(tokens):
        if token.type in ("bullet_list_open", "ordered_list_open"):
            lists.append(None if token.type == "bullet_list_open" else int(token.attrGet("start") or 1))
        elif token.type in ("bullet_list_close", "ordered_list_close"):
            lists.pop()
        elif token.type == "list_item_open":
            lead = "  " * (len(lists) - 1) + _mark(lists)
        elif token.type == "inline":
            is_button = tokens[place - 1].meta.get("kind") == "button-cell"
            words = _line(token.children or [], values, known, is_button=is_button)
            if words.strip():
                blocks.append(("\n" if lead and blocks and _is_item(blocks[-1]) else "\n\n") + lead + words)
            lead = ""
    return "".join(blocks).strip()


def _mark(lists: list[int | None]) -> str:
    number = lists[-1]
    if number is None:
        return "- "
    lists[-1] = number + 1
    return f"{number}. "


def _is_item(block: str) -> bool:
    line = block.strip().partition("\n")[0]
    return line.startswith("- ") or line.partition(".")[0].isdigit()


def _line(children: Sequence[Token], values: Mapping[str, Any], known: Known, *, is_button: bool) -> str:
    written: list[str] = []
    opened: list[tuple[int, str]] = []
    for child in children:
        if child.type == "text":
            written.append(child.content)
        elif child.type in ("softbreak", "hardbreak"):
            written.append("\n")
        elif child.type == "placeholder":
            written.append(_value(child.content, values, known))
        elif child.type == "link_open":
            opened.append((len(written), address_behind(str(child.attrGet("href")), values)))
        elif child.type == "link_close":
            start, address = opened.pop()
            label = "".join(written[start:])
            if is_button:
                written.append(f":\n{address}")
            elif label != address:
                written.append(f" ({address.removeprefix('mailto:')})")
    return "".join(written)


def _value(name: str, values: Mapping[str, Any], known: Known) -> str:
    value = values.get(name, "")
    kind = known[name].kind if name in known else Kind.TEXT
    if kind is Kind.ITEMS:
        return "\n\n".join("\n".join(filter(None, (i["title"], i["note"], i["url"]))) for i in value or ())
    return str(value).strip() if kind is Kind.LONG else one_line(value)
