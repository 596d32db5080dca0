"""Markdown as lines of a terminal, for widgets that draw themselves.

Nothing is hidden: an address stands behind its link, marks that a title needs to be read stay. Raw HTML is text.
"""

from collections.abc import Iterable, Mapping
from functools import lru_cache

from markdown_it import MarkdownIt
from markdown_it.token import Token
from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from kbtui.tui.glyphs import drawable
from kbtui.tui.markdown_table import table_rows
from kbtui.tui.runs import Run, break_runs, join_runs, line_of, width_of

MOST = 60_000
"""Characters from which on a text is shown as it was typed."""

TAB = "    "

Styles = Mapping[str, Style]
"""text, strong, emphasis, strike, code, link, heading, quote and dim → a style."""


@lru_cache(maxsize=1)
def _parser() -> MarkdownIt:
    return MarkdownIt("commonmark", {"html": False, "maxNesting": 20}).enable(["table", "strikethrough"])


def markdown_lines(source: str, width: int, styles: Styles) -> list[Strip]:
    """Return a text in Markdown as lines of at most ``width`` cells; line breaks are kept, as Kanboard does."""
    text = source.replace("\t", TAB)
    if len(text) > MOST:
        return plain_lines(text, width, styles["text"])
    return _Layout(max(width, 8), styles).lines(_parser().parse(text))


def plain_lines(text: str, width: int, style: Style) -> list[Strip]:
    """Return a text as it was typed, broken into lines of at most ``width`` cells."""
    lines: list[Strip] = []
    for line in text.split("\n"):
        lines += _strips([(drawable(line), style)], width)
    return lines


def inline_lines(source: str, width: int, styles: Styles) -> list[Strip]:
    """Return one line in Markdown, such as a title, broken where it is too long; its marks stay."""
    tokens = _parser().parseInline(drawable(source))
    return _strips(_inline(tokens[0].children or [], styles, styles["text"], marks=True), width)


class _Layout:
    """Lay out the blocks of one text."""

    def __init__(self, width: int, styles: Styles) -> None:
        self._width = width
        self._styles = styles
        self._lines: list[Strip] = []
        self._prefixes: list[Run] = []
        """What stands before every line: quotes and the indentation of lists."""
        self._bullet: Run | None = None
        self._numbers: list[int | None] = []

    def lines(self, tokens: list[Token]) -> list[Strip]:
        """Return the lines of all blocks, one empty line between two of the outermost."""
        index = 0
        while index < len(tokens):
            token = tokens[index]
            if token.nesting >= 0 and token.level == 0 and self._lines:
                self._lines.append(Strip([Segment("", self._styles["text"])]))
            if token.type == "table_open":
                end = next(at for at in range(index, len(tokens)) if tokens[at].type == "table_close")
                self._table(tokens[index:end])
                index = end
            else:
                self._block(token, tokens[index - 1] if index else None)
            index += 1
        return self._lines

    def _block(self, token: Token, before: Token | None) -> None:
        styles = self._styles
        if token.type == "inline":
            heading = before is not None and before.type == "heading_open"
            self._add(_inline(token.children or [], styles, styles["heading" if heading else "text"], marks=False))
        elif token.type in ("fence", "code_block"):
            for line in token.content.rstrip("\n").split("\n"):
                self._add([("▏", styles["dim"]), (drawable(line), styles["code"])])
        elif token.type == "hr":
            self._add([("─" * min(self._room, 40), styles["dim"])])
        elif token.type == "blockquote_open":
            self._prefixes.append(("│ ", styles["quote"]))
        elif token.type in ("bullet_list_open", "ordered_list_open"):
            self._numbers.append(int(token.attrGet("start") or 1) if token.type == "ordered_list_open" else None)
        elif token.type in ("bullet_list_close", "ordered_list_close"):
            self._numbers.pop()
        elif token.type == "list_item_open":
            self._open_item()
        elif token.type in ("list_item_close", "blockquote_close"):
            self._prefixes.pop()
            self._bullet = None

    def _open_item(self) -> None:
        number = self._numbers[-1]
        mark = "• " if number is None else f"{number}. "
        if number is not None:
            self._numbers[-1] = number + 1
        self._bullet = (mark, self._styles["dim"])
        self._prefixes.append((" " * len(mark), self._styles["text"]))

    @property
    def _room(self) -> int:
        return max(self._width - width_of(self._prefixes), 8)

    def _add(self, runs: list[Run]) -> None:
        """Add a paragraph; a list item's mark stands before the first of its lines."""
        for line in break_runs(runs, self._room):
            prefixes = list(self._prefixes)
            if self._bullet is not None:
                prefixes[-1] = self._bullet
                self._bullet = None
            self._lines.append(line_of([*prefixes, *line]))

    def _table(self, tokens: list[Token]) -> None:
        cells: list[list[list[Run]]] = []
        for token in tokens:
            if token.type == "tr_open":
                cells.append([])
            elif token.type == "inline":
                style = self._styles["strong" if len(cells) == 1 else "text"]
                cells[-1].append(_inline(token.children or [], self._styles, style, marks=False))
        for row in table_rows(cells, self._room, self._styles["dim"]):
            self._lines.append(line_of([*self._prefixes, *row]))


_SPANS = {"strong": "strong", "em": "emphasis", "s": "strike", "link": "link"}
"""Markdown's name of a span → the name of its style."""


def _inline(tokens: Iterable[Token], styles: Styles, base: Style, *, marks: bool) -> list[Run]:
    """Return the runs of a paragraph; with ``marks`` the characters that make it Markdown are shown too."""
    runs: list[Run] = []
    stack = [base]
    addresses: list[tuple[str, int]] = []
    for token in tokens:
        name, _, edge = token.type.rpartition("_")
        if token.type == "text":
            runs.append((drawable(token.content), stack[-1]))
        elif token.type in ("softbreak", "hardbreak"):
            runs.append(("\n", stack[-1]))
        elif token.type == "code_inline":
            mark = token.markup if marks else ""
            runs.append((f"{mark}{drawable(token.content)}{mark}", stack[-1] + styles["code"]))
        elif token.type == "image":
            address = str(token.attrGet("src") or "")
            runs.append((f"{drawable(token.content)} ({drawable(address)})", stack[-1] + styles["link"]))
        elif edge == "open" and name in _SPANS:
            if name == "link":
                addresses.append((str(token.attrGet("href") or ""), len(runs)))
            elif marks:
                runs.append((token.markup, styles["dim"]))
            stack.append(stack[-1] + styles[_SPANS[name]])
        elif edge == "close" and name in _SPANS:
            stack.pop()
            if name == "link":
                runs += _address(*addresses.pop(), runs, styles)
            elif marks:
                runs.append((token.markup, styles["dim"]))
        else:
            runs.append((drawable(token.content), stack[-1]))
    return [run for run in runs if run[0]]


def _address(address: str, begin: int, runs: list[Run], styles: Styles) -> list[Run]:
    """Return where a link leads, unless that is what it says."""
    shown = join_runs(runs[begin:])
    return [] if shown in (address, address.removeprefix("mailto:")) else [(f" ({drawable(address)})", styles["dim"])]


def _strips(runs: list[Run], width: int) -> list[Strip]:
    return [line_of(line) for line in break_runs(runs, max(width, 1))]
