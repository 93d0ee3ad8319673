"""One line a day, while the days go by."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Mapping
from datetime import date
from typing import TYPE_CHECKING

from demo.replay import SUCCESS, Mishap
from demo.story import NAMES, RESTATED_ACCOUNT, RESTATED_SERVICE
from demo.wording import place, rise, usd, weekday

if TYPE_CHECKING:
    from demo.ledger import FoundSpike, SentAlert
    from demo.replay import Day
    from demo.screen import Screen

_ROW = "  {day:<11}  {read:<26}{requests:>9}{usd:>8}{rows:>9}{spikes:>9}{alerts:>9}{seconds:>9}"
_WIDTH = 96
_HEADING = {
    "day": "cost day",
    "read": "read from Cost Explorer",
    "requests": "requests",
    "usd": "",
    "rows": "rows",
    "spikes": "spikes",
    "alerts": "alerts",
    "seconds": "seconds",
}
_SURVIVED = {
    Mishap.ANSWER_LOST: (
        "a mishap on purpose: Slack took the message, but its answer was lost;",
        "the next try found the message in the channel and did not post it again",
    ),
    Mishap.OVERLOADED: (
        "a mishap on purpose: Claude was overloaded (HTTP 529); it was asked again after a second",
    ),
}


def heading(screen: Screen) -> None:
    """Write the heading of the columns."""
    screen.line(screen.paint(_ROW.format(**_HEADING), "dim"))


def restatement(screen: Screen, day: date) -> None:
    """Write that AWS corrects a day just now."""
    where = place(RESTATED_SERVICE, RESTATED_ACCOUNT, NAMES)
    screen.line(screen.paint(f"    AWS corrects the bill of {weekday(day)}: {where}", "dim"))


def show_day(screen: Screen, day: Day, names: Mapping[str, str], *, first: bool) -> None:
    """Write the line of a day, and below it what was found and what was survived."""
    line = _ROW.format(
        day=weekday(day.cost_day),
        **_read(day, first=first),
        spikes=len(day.spikes) or "-",
        alerts=len(day.alerts) or "-",
        seconds=f"{day.seconds:.1f}",
    )
    screen.line(screen.paint(line, "bold") if day.spikes else line)
    for text in _details(screen, day, names):
        screen.line(f"    {text}")


def _read(day: Day, *, first: bool) -> dict[str, str]:
    done = day.done
    if done is None:
        return {"read": "nothing was recorded", "requests": "", "usd": "", "rows": ""}
    return {
        "read": f"{done.days_read} days, the history" if first else f"the last {done.days_read} days again",
        "requests": str(done.requests),
        "usd": usd(done.requests_usd),
        "rows": f"{done.rows_landed:,}",
    }


def _details(screen: Screen, day: Day, names: Mapping[str, str]) -> Iterator[str]:
    alerts = {alert.spike_id: alert for alert in day.alerts if alert.is_first}
    for spike in day.spikes:
        yield screen.paint(_spike(spike, alerts.get(spike.spike_id), names), "yellow")
    for note in (alert for alert in day.alerts if not alert.is_first):
        yield f"↳ in its thread: {note.news}"
    for mishap in day.mishaps:
        yield from (screen.paint(text, "dim") for text in _SURVIVED[mishap])
    if day.run.state != SUCCESS:
        yield screen.paint(f"the run is {day.run.state}: {', '.join(day.run.failed)}", "red")
        yield from textwrap.wrap(day.reason, _WIDTH)


def _spike(spike: FoundSpike, alert: SentAlert | None, names: Mapping[str, str]) -> str:
    what = f"{rise(spike)}  {place(spike.service, spike.account_id, names)}"
    return f"{alert.severity}  {what}" if alert else f"{what}  (no message of its own)"
