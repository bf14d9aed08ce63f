"""The body of a mail: a little Markdown in, HTML and plain text out.

Values never pass through the Markdown parser: a placeholder is one token of it, and what stands behind is
written, escaped, when that token is. So a client's name cannot become a link, nor a mail's design change.
"""

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

import nh3
from django.utils.html import escape, urlize
from markdown_it import MarkdownIt
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token

from portal.mail.source import PLACEHOLDER, Known, choose, one_line
from portal.module import Kind

LINK_TO = "placeholder:"
SCHEMES = {"http", "https", "mailto", "tel"}
_TO_PLACEHOLDER = re.compile(r"\]\([ \t]*" + PLACEHOLDER.pattern + r"[ \t]*\)")
_OFF = ["image", "code", "fence", "backticks", "html_block", "html_inline", "hr", "lheading", "reference"]
_TAGS = {"p", "br", "strong", "em", "a", "ul", "ol", "li", "h1", "h2", "blockquote", "span"}
_ATTRIBUTES = {
    "a": {"href", "class"},
    "p": {"class"},
    "blockquote": {"class"},
    "span": {"class"},
    "ol": {"start"},
}


def parse(source: str) -> list[Token]:
    """Tokens of a body. A link to `({{ name }})` has the address `placeholder:name`."""
    tokens = _parser().parse(_TO_PLACEHOLDER.sub(rf"]({LINK_TO}\1)", source.strip()))
    for token, inline in zip(tokens, tokens[1:], strict=False):
        if token.type == "heading_open" or token.type == "heading_close":
            token.tag = "h1" if token.tag == "h1" else "h2"
        elif token.type == "blockquote_open":
            token.attrSet("class", "quote")
        elif token.type == "paragraph_open" and (kind := _kind_of(inline)):
            token.attrSet("class", kind)
            token.meta["kind"] = kind
    return tokens


def html_of(source: str, values: Mapping[str, Any], known: Known) -> str:
    """The body as HTML for inside mail/base.html."""
    parser = _parser()
    tokens = parse(choose(source, values, known))
    environment = {"values": values, "known": known}
    html = str(parser.renderer.render(tokens, parser.options, environment))
    # The second guard behind the parser: whatever it writes is cut down to what a mail's body may hold.
    return nh3.clean(html, tags=_TAGS, attributes=_ATTRIBUTES, url_schemes=SCHEMES, link_rel=None).strip()


def links_in(tokens: Sequence[Token]) -> list[str]:
    """Where the links of a body lead."""
    children = [child for token in tokens for child in token.children or []]
    return [str(child.attrGet("href")) for child in children if child.type == "link_open"]


def words_in(tokens: Sequence[Token]) -> str:
    """The plain words between the marks, to find marks that were not understood."""
    children = [child for token in tokens for child in token.children or []]
    return "\n".join(child.content for child in children if child.type == "text")


def address_behind(href: str, values: Mapping[str, Any]) -> str:
    """The address that a link has in the end; "" when it is none that may be opened."""
    address = str(values.get(href.removeprefix(LINK_TO), "")) if href.startswith(LINK_TO) else href
    return address if address.partition(":")[0].lower() in SCHEMES else ""


def _kind_of(inline: Token) -> str:
    children = [child for child in inline.children or [] if child.type != "text" or child.content.strip()]
    if not children:
        return ""
    first, last = children[0], children[-1]
    if first.type == "text" and first.content.startswith("~ "):
        first.content = first.content[2:]
        return "soft"
    if (
        first.type == "link_open"
        and last.type == "link_close"
        and links_in([inline]) == [first.attrGet("href")]
    ):
        return "button-cell" if str(first.attrGet("href")).startswith(LINK_TO) else ""
    is_alone = len(children) == 1 and first.type == "placeholder"
    return f"alone:{first.content}" if is_alone else ""


def _placeholder(state: StateInline, silent: bool) -> bool:
    found = PLACEHOLDER.match(state.src, state.pos)
    if found is None:
        return False
    if not silent:
        state.push("placeholder", "", 0).content = found[1]
    state.pos = found.end()
    return True


def _write_placeholder(_: Any, tokens: Sequence[Token], place: int, __: Any, environment: Any) -> str:
    name = tokens[place].content
    value, placeholder = environment["values"].get(name, ""), environment["known"].get(name)
    kind = placeholder.kind if placeholder else Kind.TEXT
    if kind is Kind.LONG:
        return urlize(str(value).strip(), autoescape=True).replace("\n", "<br>")
    if kind is Kind.ITEMS:
        return "<br><br>".join(_item(item) for item in value or ())
    if kind is Kind.LINK:
        return urlize(str(value), autoescape=True)
    return str(escape(one_line(value)))


def _item(item: Mapping[str, str]) -> str:
    note = f'<br><span class="soft">{escape(item["note"])}</span>' if item["note"] else ""
    return f'<a href="{escape(item["url"])}">{escape(item["title"])}</a>{note}'


def _write_link(renderer: Any, tokens: Sequence[Token], place: int, options: Any, environment: Any) -> str:
    href = str(tokens[place].attrGet("href"))
    address = escape(address_behind(href, environment["values"]))
    return (
        f'<a class="button" href="{address}">'
        if tokens[place].meta.get("button")
        else f'<a href="{address}">'
    )


def _write_paragraph(
    renderer: Any, tokens: Sequence[Token], place: int, options: Any, environment: Any
) -> str:
    token = tokens[place]
    if token.hidden:
        return ""
    kind = str(token.meta.get("kind", ""))
    if kind.startswith("alone:"):
        placeholder = environment["known"].get(kind.removeprefix("alone:"))
        kind = "code" if placeholder and placeholder.kind is Kind.CODE else ""
    if kind == "button-cell":
        for child in tokens[place + 1].children or []:
            child.meta["button"] = True
    return f'<p class="{kind}">' if kind else "<p>"


def _is_link(url: str) -> bool:
    # Refused links would stay words; the check of the words finds and names them instead.
    return True


@lru_cache(maxsize=1)
def _parser() -> MarkdownIt:
    parser = MarkdownIt("commonmark", {"html": False, "breaks": True}).disable(_OFF)
    parser.validateLink = _is_link  # type: ignore[method-assign]
    parser.inline.ruler.before("text", "placeholder", _placeholder)
    parser.add_render_rule("placeholder", _write_placeholder)
    parser.add_render_rule("link_open", _write_link)
    parser.add_render_rule("paragraph_open", _write_paragraph)
    return parser
