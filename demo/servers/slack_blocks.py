"""What Slack accepts as blocks: types, keys and limits (https://docs.slack.dev/reference/block-kit/blocks).

Stricter than slack_sdk's models, which let unknown keys and unknown block types pass.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from demo.servers.slack_charts import chart_problems

MAX_BLOCKS = 50
MAX_BLOCK_ID = 255
MAX_HEADER = 150
MAX_SECTION_TEXT = 3000
MAX_FIELD_TEXT = 2000
MAX_FIELDS = 10
MAX_CONTEXT_ELEMENTS = 10
MAX_ACTIONS = 25
MAX_IMAGE_URL = 3000
MAX_ALT_TEXT = 2000
MAX_TABLE_ROWS = 100
MAX_TABLE_COLUMNS = 20
MAX_MARKDOWN = 12_000
MAX_CHARTS = 2

Problems = Iterator[str]
Json = Mapping[str, Any]


def block_problems(blocks: object) -> list[str]:
    """Return what is wrong with the blocks of one message, nothing if Slack would take them."""
    if not isinstance(blocks, list) or not all(isinstance(block, dict) for block in blocks):
        return ["blocks must be a list of objects"]
    return [
        *_message_problems(blocks),
        *(p for i, block in enumerate(blocks) for p in _block(block, f"/blocks/{i}")),
    ]


def _message_problems(blocks: Sequence[Json]) -> Problems:
    if len(blocks) > MAX_BLOCKS:
        yield f"no more than {MAX_BLOCKS} items allowed [json-pointer:/blocks]"
    ids = [block["block_id"] for block in blocks if "block_id" in block]
    if len(set(map(str, ids))) < len(ids):
        yield "block_id values must be unique [json-pointer:/blocks]"
    if sum(block.get("type") == "data_visualization" for block in blocks) > MAX_CHARTS:
        yield f"no more than {MAX_CHARTS} data_visualization blocks allowed [json-pointer:/blocks]"
    if sum(len(str(block.get("text"))) for block in blocks if block.get("type") == "markdown") > MAX_MARKDOWN:
        yield f"no more than {MAX_MARKDOWN} characters of markdown allowed [json-pointer:/blocks]"


def _block(block: Json, at: str) -> Problems:
    kind = str(block.get("type"))
    if kind not in _CHECKS:
        yield f"unsupported type: {kind} [json-pointer:{at}/type]"
        return
    required, optional, check = _CHECKS[kind]
    yield from _keys(block, at, required={"type", *required}, optional={"block_id", *optional})
    if "block_id" in block and not _is_text(block["block_id"], MAX_BLOCK_ID):
        yield f"block_id must be 1 to {MAX_BLOCK_ID} characters [json-pointer:{at}/block_id]"
    if all(key in block for key in required):
        yield from check(block, at)


def _keys(value: Json, at: str, *, required: set[str], optional: set[str]) -> Problems:
    for key in sorted(required - value.keys()):
        yield f"missing required field: {key} [json-pointer:{at}]"
    for key in sorted(value.keys() - required - optional):
        yield f"invalid additional property: {key} [json-pointer:{at}]"


def _is_text(value: object, limit: int) -> bool:
    return isinstance(value, str) and 1 <= len(value) <= limit


def _text_object(
    value: object, at: str, limit: int, kinds: tuple[str, ...] = ("plain_text", "mrkdwn")
) -> Problems:
    if not isinstance(value, dict) or value.get("type") not in kinds:
        yield f"must be a text object of type {' or '.join(kinds)} [json-pointer:{at}]"
        return
    flags = {"emoji"} if value["type"] == "plain_text" else {"verbatim"}
    yield from _keys(value, at, required={"type", "text"}, optional=flags)
    if not _is_text(value.get("text"), limit):
        yield f"must be 1 to {limit} characters [json-pointer:{at}/text]"
    for flag in flags & value.keys():
        if not isinstance(value[flag], bool):
            yield f"{flag} must be a boolean [json-pointer:{at}/{flag}]"


def _items(value: object, at: str, limit: int) -> Problems:
    if not isinstance(value, list) or not 1 <= len(value) <= limit:
        yield f"must be a list of 1 to {limit} items [json-pointer:{at}]"


def _header(block: Json, at: str) -> Problems:
    yield from _text_object(block["text"], f"{at}/text", MAX_HEADER, ("plain_text",))


def _section(block: Json, at: str) -> Problems:
    if "text" not in block and "fields" not in block:
        yield f"missing required field: text or fields [json-pointer:{at}]"
    if "text" in block:
        yield from _text_object(block["text"], f"{at}/text", MAX_SECTION_TEXT)
    if "fields" in block:
        yield from _items(block["fields"], f"{at}/fields", MAX_FIELDS)
        for i, field in enumerate(block["fields"] or ()):
            yield from _text_object(field, f"{at}/fields/{i}", MAX_FIELD_TEXT)


def _context(block: Json, at: str) -> Problems:
    yield from _items(block["elements"], f"{at}/elements", MAX_CONTEXT_ELEMENTS)
    for i, element in enumerate(block["elements"] or ()):
        here = f"{at}/elements/{i}"
        if isinstance(element, dict) and element.get("type") == "image":
            yield from _keys(
                element, here, required={"type", "alt_text"}, optional={"image_url", "slack_file"}
            )
            yield from _image(element, here)
        else:
            yield from _text_object(element, here, MAX_SECTION_TEXT)


def _image(block: Json, at: str) -> Problems:
    if ("image_url" in block) == ("slack_file" in block):
        yield f"exactly one of image_url and slack_file is required [json-pointer:{at}]"
    if "image_url" in block and not _is_text(block["image_url"], MAX_IMAGE_URL):
        yield f"must be 1 to {MAX_IMAGE_URL} characters [json-pointer:{at}/image_url]"
    if not _is_text(block.get("alt_text"), MAX_ALT_TEXT):
        yield f"must be 1 to {MAX_ALT_TEXT} characters [json-pointer:{at}/alt_text]"
    if "title" in block:
        yield from _text_object(block["title"], f"{at}/title", MAX_ALT_TEXT, ("plain_text",))


def _actions(block: Json, at: str) -> Problems:
    yield from _items(block["elements"], f"{at}/elements", MAX_ACTIONS)


def _table(block: Json, at: str) -> Problems:
    yield from _items(block["rows"], f"{at}/rows", MAX_TABLE_ROWS)
    for i, row in enumerate(block["rows"] or ()):
        yield from _items(row, f"{at}/rows/{i}", MAX_TABLE_COLUMNS)
        for j, cell in enumerate(row or ()):
            yield from _cell(cell, f"{at}/rows/{i}/{j}")
    settings = block.get("column_settings") or []
    if len(settings) > MAX_TABLE_COLUMNS:
        yield f"no more than {MAX_TABLE_COLUMNS} items allowed [json-pointer:{at}/column_settings]"
    for i, setting in enumerate(settings):
        here = f"{at}/column_settings/{i}"
        yield from _keys(setting or {}, here, required=set(), optional={"align", "is_wrapped"})
        if (setting or {}).get("align", "left") not in {"left", "center", "right"}:
            yield f"align must be left, center or right [json-pointer:{here}/align]"


def _cell(cell: object, at: str) -> Problems:
    kind = cell.get("type") if isinstance(cell, dict) else None
    if not isinstance(cell, dict) or kind not in {"raw_text", "raw_number", "rich_text"}:
        yield f"a cell must be raw_text, raw_number or rich_text [json-pointer:{at}]"
        return
    if kind == "rich_text":
        yield from _block(cell, at)
        return
    number = {"value"} if kind == "raw_number" else set()
    yield from _keys(cell, at, required={"type", "text", *number}, optional=set())
    if not isinstance(cell.get("text"), str) or not cell["text"]:
        yield f"must have at least 1 character [json-pointer:{at}/text]"


def _rich_text(block: Json, at: str) -> Problems:
    known = {"rich_text_section", "rich_text_list", "rich_text_preformatted", "rich_text_quote"}
    yield from _items(block["elements"], f"{at}/elements", 1000)
    for i, element in enumerate(block["elements"] or ()):
        if not isinstance(element, dict) or element.get("type") not in known:
            yield f"unsupported rich text element [json-pointer:{at}/elements/{i}]"


def _markdown(block: Json, at: str) -> Problems:
    if not _is_text(block["text"], MAX_MARKDOWN):
        yield f"must be 1 to {MAX_MARKDOWN} characters [json-pointer:{at}/text]"


def _nothing(_block: Json, _at: str) -> Problems:
    return iter(())


_Check = Callable[[Json, str], Problems]
_CHECKS: Mapping[str, tuple[set[str], set[str], _Check]] = {
    "header": ({"text"}, set(), _header),
    "section": (set(), {"text", "fields", "accessory", "expand"}, _section),
    "context": ({"elements"}, set(), _context),
    "divider": (set(), set(), _nothing),
    "image": ({"alt_text"}, {"image_url", "slack_file", "title"}, _image),
    "actions": ({"elements"}, set(), _actions),
    "table": ({"rows"}, {"column_settings"}, _table),
    "data_visualization": ({"title", "chart"}, set(), chart_problems),
    "rich_text": ({"elements"}, set(), _rich_text),
    "markdown": ({"text"}, set(), _markdown),
}
