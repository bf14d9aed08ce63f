"""The welcome message: a little Markdown in, sanitised HTML out."""

from functools import lru_cache

import nh3
from markdown_it import MarkdownIt

LONGEST = 5000
TAGS = {"p", "br", "strong", "em", "a", "ul", "ol", "li", "h2", "h3", "blockquote", "hr"}
_HEADINGS = {"h1": "h2", "h2": "h3", "h3": "h3", "h4": "h3", "h5": "h3", "h6": "h3"}


def welcome_html(source: str) -> str:
    """HTML of a welcome message written in Markdown; empty for empty words.

    Pictures and HTML in the source come out as the words they are. Headings begin at the second level: the
    first is the page's own. Two guards, one behind the other: the parser takes no HTML, and whatever it
    writes is cut down to TAGS.
    """
    parser = _parser()
    tokens = parser.parse(source.strip())
    for token in tokens:
        token.tag = _HEADINGS.get(token.tag, token.tag)
    html = str(parser.renderer.render(tokens, parser.options, {}))
    return nh3.clean(
        html,
        tags=TAGS,
        attributes={"a": {"href"}, "*": set()},
        url_schemes={"http", "https", "mailto", "tel"},
        link_rel="noopener noreferrer nofollow",
    ).strip()


def source_of(html: str) -> str:
    """Plain words of a message whose source was never kept."""
    return nh3.clean(html.replace("</p>", "</p>\n\n"), tags=set()).strip()


@lru_cache(maxsize=1)
def _parser() -> MarkdownIt:
    # No pictures: they would tell another server who reads the portal, and the page's policy blocks them.
    options = {"html": False, "breaks": True}
    return MarkdownIt("commonmark", options).disable(["image", "code", "fence", "backticks", "html_block"])
