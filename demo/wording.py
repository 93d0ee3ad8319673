"""How the demo writes days, places and amounts."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

from costspike.rendering.amounts import money, percent
from costspike.rendering.names import short_day

if TYPE_CHECKING:
    from demo.ledger import FoundSpike

_WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_LONGEST_NAME = 40


def weekday(day: date) -> str:
    """Return a day as ``Thu Nov 12``."""
    return f"{_WEEKDAYS[day.weekday()]} {short_day(day)}"


def span(first: date, last: date) -> str:
    """Return days as ``Nov 12 to 15``, ``Oct 30 to Nov 02`` or ``Nov 12``."""
    if first == last:
        return short_day(first)
    return f"{short_day(first)} to {f'{last.day:02}' if first.month == last.month else short_day(last)}"


def full_span(first: date, last: date) -> str:
    """Return days with their years."""
    return f"{first} to {last}"


def last_days(last: date, count: int) -> list[date]:
    """Return so many days up to the last one, oldest first."""
    return [last - timedelta(days=back) for back in range(count - 1, -1, -1)]


def place(service: str, account_id: str, names: Mapping[str, str]) -> str:
    """Return where a cost arises, without control characters and no longer than a column."""
    account = names.get(account_id) or account_id or "all accounts"
    return f"{_plain(account)} · {_plain(service or 'all services')}"


def rise(spike: FoundSpike) -> str:
    """Return an impact as ``+$513.09 (+302 %)``."""
    return f"{money(spike.impact, spike.currency, sign=True)} ({percent(spike.impact_percent)})"


def usd(amount: Decimal) -> str:
    """Return dollars."""
    return money(amount, "USD")


def plural(count: int, noun: str) -> str:
    """Return a count with its noun."""
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def shown(path: Path) -> str:
    """Return a path from here, as one would type it."""
    try:
        return str(path.relative_to(Path.cwd()))
    except ValueError:
        return str(path)


def _plain(name: str) -> str:
    clean = "".join(character if character.isprintable() else " " for character in name)
    return clean if len(clean) <= _LONGEST_NAME else f"{clean[: _LONGEST_NAME - 1]}…"
