"""Texts from other systems, made safe to show: no invisible characters, never longer than a limit."""

import unicodedata

ELLIPSIS = "…"
# Longer "words" are identifiers, of which the beginning says more than nothing.
_LONGEST_WORD = 40


def plain(text: str) -> str:
    """Return the text on one line, without control, format, bidirectional and private characters.

    Such characters hide text from people that a model reads, or turn around what people read.
    """
    visible = (
        " " if char.isspace() else char
        for char in text
        if char.isspace() or not unicodedata.category(char).startswith("C")
    )
    return " ".join("".join(visible).split())


def encodable(text: str) -> str:
    """Return the text with U+FFFD for each half of a surrogate pair: UTF-8 has no bytes for one."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def shortened(text: str, limit: int) -> str:
    """Return at most ``limit`` characters; a cut is visible and does not halve a word or number."""
    if len(text) <= limit:
        return text
    head = text[: limit - 1]
    space = head.rfind(" ")
    if not text[limit - 1].isspace() and space >= max(1, len(head) - _LONGEST_WORD):
        head = head[:space]
    return head.rstrip() + ELLIPSIS
