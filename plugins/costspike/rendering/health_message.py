"""What the pipeline says about itself: a line when it is well, a short notice when it is not."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date

from costspike.domain.health import Failure, Freshness, Health, stops_alerts
from costspike.rendering.amounts import money
from costspike.rendering.blocks import section
from costspike.rendering.links import Link, link_line
from costspike.rendering.message import Message, metadata
from costspike.rendering.mrkdwn import mrkdwn

_SEVERITY = "none"
_USD = "USD"
_TASK = 100
_ERROR = 600
_LINKS = 1000


def heartbeat_message(health: Health, *, message_key: str) -> Message:
    """Return the one line of a day; it says "is well" only where nothing of the pipeline is left to do."""
    line = f"{'✅ costspike is well' if health.is_well else '⚠️ costspike needs a look'}: {'; '.join(_figures(health))}."
    return Message(text=line, blocks=[section(line)], metadata=metadata(message_key, _SEVERITY))


def failure_message(
    failures: Sequence[Failure], fresh: Freshness | None, *, day: date, message_key: str, run_url: str = ""
) -> Message:
    """Return the notice that the pipeline is red, or that its data is too old.

    ``fresh`` is None where the warehouse could not be asked.
    """
    sentences = " ".join(_sentences(failures, fresh, day))
    text = f"🛑 costspike: {sentences[:1].lower()}{sentences[1:]}"
    link = link_line([Link(label="Airflow run", url=run_url)], _LINKS) if run_url else ""
    blocks = [section(text), *([section(link)] if link else [])]
    return Message(text=text, blocks=blocks, metadata=metadata(message_key, _SEVERITY))


def _figures(health: Health) -> Iterator[str]:
    through = health.freshness.complete_through
    bill = "reconcile with the bill" if health.reconciled else "*were not reconciled with the bill*"
    yield f"costs are complete through {through} and {bill}"
    yield f"{_count(health.incidents, 'incident')} open"
    claude = "dollars unknown" if health.claude_usd is None else money(health.claude_usd, _USD)
    yield (
        f"spent in 24 hours: {money(health.requests_usd, _USD)} on Cost Explorer "
        f"({_count(health.requests, 'request')}), {claude} on Claude ({_count(health.tokens, 'token')})"
    )
    waiting = _count(health.undelivered, "alert")
    yield f"*{waiting} not delivered yet*" if health.undelivered else "every alert is delivered"


def _sentences(failures: Sequence[Failure], fresh: Freshness | None, day: date) -> Iterator[str]:
    if failures:
        first, more = failures[0], len(failures) - 1
        others = f" and {more} more {'task' if more == 1 else 'tasks'}" if more else ""
        yield f"the run for {day} failed in *{_name(first)}*{others}."
        yield _sentence(first.error) or "It ended without an error; its log may say more."
    if fresh is None:
        yield "The warehouse cannot be asked how far the costs go."
    elif fresh.complete_through is None:
        yield "There are no costs in the warehouse yet."
    else:
        # Not "complete": what failed may be the very check that says so.
        yield f"Costs are in the warehouse {_through(fresh, failures)}."
    if failures and not stops_alerts(failures):
        yield "The alerts of the day are not affected."
    else:
        yield "Until this is mended, silence does not mean that all is well."


def _name(failure: Failure) -> str:
    name = mrkdwn(failure.task, _TASK)
    return f"{name} ({failure.instances} instances)" if failure.instances > 1 else name


def _sentence(error: str) -> str:
    text = mrkdwn(error[:1].upper() + error[1:], _ERROR) if error else ""
    return text if not text or text.endswith((".", "…", "!", "?")) else f"{text}."


def _through(fresh: Freshness, failures: Sequence[Failure]) -> str:
    if failures or fresh.age is None:
        return f"through {fresh.complete_through}"
    hours = fresh.age.total_seconds() / 3600
    return f"only through {fresh.complete_through}: the data is {hours:,.0f} hours old"


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"
