"""One line a day, while the days go by."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from demo.replay import Mishap
from demo.story import NAMES, RESTATED_ACCOUNT, RESTATED_SERVICE
from demo.wording import place, plural, rise, usd, weekday

if TYPE_CHECKING:
    from datetime import date

    from demo.ledger import FoundSpike, SentAlert
    from demo.replay import Day
    from demo.screen import Screen

_COLUMNS = "  {day:<11} {read:<30} {requests:>8} {usd:>7} {rows:>8} {spikes:>7} {alerts:>7} {seconds:>7}"
_SURVIVED = {
    Mishap.ANSWER_LOST: "on purpose, {what}: send_alert tried again, found it in the channel and did not post it twice",
    Mishap.OVERLOADED: "on purpose, {what} (HTTP 529): explain_spike waited a second and asked again",
}


def heading(screen: Screen) -> None:
    """Write the heading of the columns."""
    names = {name: name for name in ("requests", "rows", "spikes", "alerts", "seconds")}
    screen.line(
        screen.paint(_COLUMNS.format(day="cost day", read="read from Cost Explorer", usd="", **names), "dim")
    )


def restatement(screen: Screen, day: date) -> None:
    """Write that AWS corrects a day just now."""
    where = place(RESTATED_SERVICE, RESTATED_ACCOUNT, NAMES)
    screen.line(screen.paint(f"    AWS corrects the bill of {weekday(day)}: {where}", "dim"))


def show_day(screen: Screen, day: Day, names: Mapping[str, str], *, first: bool) -> None:
    """Write the line of a day, and below it what was found and what was survived."""
    done = day.done
    read = _read(day, first=first) if done else "nothing was recorded"
    line = _COLUMNS.format(
        day=weekday(day.cost_day),
        read=read,
        requests=done.requests if done else "",
        usd=usd(done.requests_usd) if done else "",
        rows=f"{done.rows_landed:,}" if done else "",
        spikes=len(day.spikes) or "-",
        alerts=len(day.alerts) or "-",
        seconds=f"{day.seconds:.1f}",
    )
    screen.line(screen.paint(line, "bold") if day.spikes else line)
    for text in _details(screen, day, names):
        screen.line(f"    {text}")


def _read(day: Day, *, first: bool) -> str:
    days = plural(day.done.days_read, "day") if day.done else ""
    if first:
        return f"{days}, the whole history"
    return f"{days}, as AWS may restate them"


def _details(screen: Screen, day: Day, names: Mapping[str, str]) -> Iterator[str]:
    alerts = {alert.spike_id: alert for alert in day.alerts}
    for spike in day.spikes:
        yield screen.paint(_spike(spike, alerts.get(spike.spike_id), names), "yellow")
    for mishap in day.mishaps:
        yield screen.paint(_SURVIVED[mishap].format(what=mishap.value), "dim")
    if day.run.state != "success":
        yield screen.paint(f"the run is {day.run.state}: {', '.join(day.run.failed)}", "red")


def _spike(spike: FoundSpike, alert: SentAlert | None, names: Mapping[str, str]) -> str:
    told = "alert sent" if alert else "no alert"
    severity = f"{alert.severity} " if alert else ""
    return f"{severity}{rise(spike)} {place(spike.service, spike.account_id, names)}, {told}"
