"""Block Kit blocks as HTML, each as Slack shows it."""

from collections.abc import Callable, Sequence
from html import escape

from costspike.rendering.blocks import Block
from costspike.rendering.mrkdwn_html import mrkdwn_html
from costspike.rendering.preview_chart import chart_figure


def block_html(block: Block) -> str:
    """Return the HTML of one block; a type that costspike never sends is named, not drawn."""
    write = _WRITERS.get(block["type"])
    return write(block) if write else f'<p class="unknown">A block of type {escape(str(block["type"]))}</p>'


def _header(block: Block) -> str:
    return f"<h2>{escape(block['text']['text'])}</h2>"


def _section(block: Block) -> str:
    if "fields" in block:
        fields = "".join(f"<li>{mrkdwn_html(field['text'])}</li>" for field in block["fields"])
        return f'<ul class="fields">{fields}</ul>'
    return f'<div class="section">{mrkdwn_html(block["text"]["text"])}</div>'


def _context(block: Block) -> str:
    elements = "".join(f"<li>{mrkdwn_html(element['text'])}</li>" for element in block["elements"])
    return f'<ul class="context">{elements}</ul>'


def _table(block: Block) -> str:
    classes = [setting.get("align", "left") for setting in block["column_settings"]]
    heading, *rows = ([escape(cell["text"]) for cell in row] for row in block["rows"])
    caption = f"{heading[0]}: {', '.join(name.lower() for name in heading[1:])}"
    head = _cells("th", heading, classes, ' scope="col"')
    body = "".join(f"<tr>{_row(row, classes)}</tr>" for row in rows)
    return (
        f'<div class="table" role="region" tabindex="0" aria-label="{caption}"><table>'
        f"<caption>{caption}</caption><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>"
    )


def _row(row: Sequence[str], classes: Sequence[str]) -> str:
    return _cells("th", row[:1], classes[:1], ' scope="row"') + _cells("td", row[1:], classes[1:])


def _cells(tag: str, texts: Sequence[str], classes: Sequence[str], attributes: str = "") -> str:
    return "".join(
        f'<{tag} class="{name}" dir="auto"{attributes}>{text}</{tag}>'
        for text, name in zip(texts, classes, strict=True)
    )


_WRITERS: dict[str, Callable[[Block], str]] = {
    "header": _header,
    "section": _section,
    "context": _context,
    "table": _table,
    "data_visualization": chart_figure,
}
