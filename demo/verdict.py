"""Whether the demo went as it should, and what did not."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from demo.comparison import Finding, Verdict

if TYPE_CHECKING:
    from demo.ledger import SentAlert
    from demo.replay import Day
    from demo.story import Story
    from demo.systems import Systems
