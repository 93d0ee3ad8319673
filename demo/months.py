"""Counting in months, which the standard library does not do."""

import calendar
from datetime import date


def months_later(day: date, months: int) -> date:
    """Return the same day of the month some months later (earlier if negative), or that month's last day."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    last = calendar.monthrange(year, month + 1)[1]
    return date(year, month + 1, min(day.day, last))
