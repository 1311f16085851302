"""Turns what `tmux capture-pane -e` prints into an SVG: svg.py TITLE FILE < SCREEN. Needs rich."""

import html
import io
import re
import sys

from rich._export_format import CONSOLE_SVG_FORMAT
from rich.console import Console
from rich.terminal_theme import DIMMED_MONOKAI
from rich.text import Text

title, file = sys.argv[1:]
lines = [Text.from_ansi(line) for line in sys.stdin.read().rstrip("\n").split("\n")]
width = max(line.cell_len for line in lines)

console = Console(record=True, width=width, file=io.StringIO(), force_terminal=True, legacy_windows=False)
for line in lines:
    console.print(line, no_wrap=True, crop=True, highlight=False)

# No fonts from elsewhere: a picture in a README loads nothing.
template = re.sub(r"@font-face \{\{.*?\}\}", "", CONSOLE_SVG_FORMAT, flags=re.DOTALL)
template = template.replace("Fira Code, monospace", "ui-monospace, 'DejaVu Sans Mono', Menlo, Consolas, monospace")
svg = console.export_svg(title=title, theme=DIMMED_MONOKAI, code_format=template, unique_id=re.sub(r"\W+", "-", title).strip("-"))


def without_blanks(text):
    """Blanks at the ends of a text: some viewers leave them out, and move the rest."""
    start, x, between, length, rest, content = text.groups()
    chars = html.unescape(content).replace("\xa0", " ")
    cell = float(length) / len(chars)
    left = len(chars) - len(chars.lstrip())
    content = html.escape(chars.strip(), quote=False).replace(" ", "&#160;")
    return content and (
        f'{start}{float(x) + left * cell:g}{between}{len(chars.strip()) * cell:g}{rest}{content}</text>'
    )


svg = re.sub(r'(<text [^>]*?x=")([\d.]+)("[^>]*?textLength=")([\d.]+)("[^>]*>)([^<]*)</text>', without_blanks, svg)
with open(file, "w", encoding="utf-8") as out:
    out.write("\n".join(line.rstrip() for line in svg.split("\n")) + "\n")
