"""Words in Markdown as Dash components. Pure; used by `page_layout`.

markdown-it-py reads it (CommonMark, with tables, without HTML); here each kind of node becomes an element of its own,
so nothing that an author writes can be a script. Links lead to `https:`, `mailto:` and pages of the dashboard; another
one is only its words, and so is a picture.
"""

from collections.abc import Callable, Mapping
from typing import Any

from dash import dcc, html
from markdown_it import MarkdownIt
from markdown_it.tree import SyntaxTreeNode

_READER = MarkdownIt("commonmark", {"html": False}).enable(["table", "strikethrough"])
_FOREIGN = ("https://", "mailto:")


def markdown(text: str, class_name: str) -> html.Div:
    """The words in an element of this class; headings begin below those of sections."""
    return html.Div(_children(SyntaxTreeNode(_READER.parse(text))), className=class_name)


def _children(node: SyntaxTreeNode) -> list[Any]:
    """Nodes that are only there to hold others, such as the paragraphs of a tight list, are no elements."""
    found: list[Any] = []
    for child in node.children:
        is_element = child.type != "inline" and not child.hidden
        found += [_component(child)] if is_element else _children(child)
    return found


def _component(node: SyntaxTreeNode) -> Any:
    if node.type in _ELEMENTS:
        return _ELEMENTS[node.type](_children(node))
    return _OTHERS[node.type](node) if node.type in _OTHERS else node.content


def _heading(node: SyntaxTreeNode) -> Any:
    """An author's first heading is the third level of the page: above it stand the page's and the section's."""
    level = min(int(node.tag[1:]) + 2, 6)
    return getattr(html, f"H{level}")(_children(node))


def _link(node: SyntaxTreeNode) -> Any:
    target = str(node.attrs.get("href", ""))
    if target.startswith("/") and not target.startswith("//"):
        return dcc.Link(_children(node), href=target)
    if target.startswith(_FOREIGN):
        return html.A(_children(node), href=target, target="_blank", rel="noopener noreferrer")
    return html.Span(_children(node))


def _list(node: SyntaxTreeNode) -> Any:
    return html.Ol(_children(node), start=str(node.attrs.get("start", 1)))


_ELEMENTS: Mapping[str, Callable[[list[Any]], Any]] = {
    "blockquote": html.Blockquote,
    "bullet_list": html.Ul,
    "em": html.Em,
    "list_item": html.Li,
    "paragraph": html.P,
    "s": html.S,
    "strong": html.Strong,
    "table": html.Table,
    "tbody": html.Tbody,
    "td": html.Td,
    "th": html.Th,
    "thead": html.Thead,
    "tr": html.Tr,
}
_OTHERS: Mapping[str, Callable[[SyntaxTreeNode], Any]] = {
    "code_block": lambda node: html.Pre(node.content),
    "code_inline": lambda node: html.Code(node.content),
    "fence": lambda node: html.Pre(node.content),
    "hardbreak": lambda _: html.Br(),
    "heading": _heading,
    "hr": lambda _: html.Hr(),
    "link": _link,
    "ordered_list": _list,
    "softbreak": lambda _: " ",
}
"""What is in neither, such as text and the description of a picture, is shown as its words."""
