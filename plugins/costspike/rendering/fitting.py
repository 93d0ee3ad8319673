"""Keep a message within Slack's size: leave out the least useful parts, and say so."""

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum

from costspike.rendering import slack_limits
from costspike.rendering.blocks import Block, context

# Room for what is added to a finished message: how its incident stands, the marks of `possible_repeat` and
# `misrouted`, and the note of what was left out.
_RESERVED_JSON = 1300
_RESERVED_BLOCKS = 4


class Use(IntEnum):
    """How useful a part is; the largest number is left out first."""

    ESSENTIAL = 0
    LINKS = 1
    FIRST_STEP = 2
    TABLE = 3
    ROOT_CAUSE = 4
    SECOND_STEP = 5
    CHART = 6
    THIRD_STEP = 7
    EVIDENCE = 8
    PREVENTION = 9
    HYPOTHESES = 10
    FURTHER_STEP = 11


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """Blocks that stay or go together; ``name`` is what the reader is told when they go."""

    use: Use
    blocks: tuple[Block, ...]
    name: str = ""


def fitted(parts: Sequence[Part]) -> list[Block]:
    """Return the blocks of the parts that fit, in order.

    Of two equally useful parts the later one goes first. What was left out is named in a note before the
    last block. Essential parts stay whatever their size.
    """
    kept = list(parts)
    left_out: list[str] = []
    while not fits(_blocks(kept)) and any(part.use for part in kept):
        at = max(range(len(kept)), key=lambda index: (kept[index].use, index))
        left_out.append(kept.pop(at).name)
    blocks = _blocks(kept)
    if left_out:
        blocks.insert(len(blocks) - 1, context([_note(left_out)]))
    return blocks


def fits(blocks: Sequence[Block]) -> bool:
    """Return whether the blocks leave room for what may be added to a finished message."""
    return (
        len(blocks) <= slack_limits.BLOCKS - _RESERVED_BLOCKS
        and size(blocks) <= slack_limits.BLOCKS_JSON - _RESERVED_JSON
    )


def size(blocks: Sequence[Block]) -> int:
    """Return the characters of the blocks as JSON."""
    return len(json.dumps(blocks, ensure_ascii=False))


def _blocks(parts: Sequence[Part]) -> list[Block]:
    return [block for part in parts for block in part.blocks]


def _note(left_out: Sequence[str]) -> str:
    counted = Counter(left_out)
    names = [name if count == 1 else f"{name} (x{count})" for name, count in counted.items()]
    return f"… shortened, left out: {', '.join(names)}. The warehouse keeps the whole analysis."
