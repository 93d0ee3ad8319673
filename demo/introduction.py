"""The first lines of the demo: what is real, what is local, and what the user's own keys will cost."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING

from demo.costs import claude_estimate, explorer_estimate
from demo.wording import plural, shown, weekday

if TYPE_CHECKING:
    from costspike.settings import Settings
    from demo.environment import Home
    from demo.screen import Screen
    from demo.systems import Keys

# The planted incidents that are to be found, each explained once.
_QUESTIONS = 3


def introduce(
    screen: Screen, keys: Keys, settings: Settings, home: Home, days: Sequence[date], given: Mapping[str, str]
) -> None:
    """Write what is about to happen."""
    bill = "your AWS bill" if keys.aws else "the bill of a made-up organisation"
    screen.line(
        screen.paint(f"costspike demo: {bill}, day by day through the real DAG in real Airflow", "bold")
    )
    screen.line(
        f"{weekday(days[0])} to {weekday(days[-1])}: {plural(len(days), 'run')}, one for each cost day"
    )
    screen.line()
    for label, text in _systems(keys, settings, home, days, given):
        screen.entry(label, text)
    screen.line()


def _systems(
    keys: Keys, settings: Settings, home: Home, days: Sequence[date], given: Mapping[str, str]
) -> Iterator[tuple[str, str]]:
    if keys.aws:
        yield (
            "Cost Explorer",
            f"the real one, as your AWS credentials reach it. {explorer_estimate(settings, len(days))}",
        )
    else:
        yield "Cost Explorer", "a local server; no AWS account is touched"
    if keys.anthropic:
        cost = claude_estimate(settings, 0 if keys.aws else _QUESTIONS)
        yield "Claude", f"the real one ({settings.explain.model}), with your ANTHROPIC_API_KEY: {cost}"
    else:
        yield "Claude", "a local sandbox that repeats the facts (set ANTHROPIC_API_KEY to ask the real one)"
    if keys.slack_token:
        yield "Slack", f"the real one, with your SLACK_BOT_TOKEN, in {keys.slack_channel}"
    elif given.get("SLACK_BOT_TOKEN"):
        yield "Slack", "a local server: SLACK_BOT_TOKEN is set, but not SLACK_CHANNEL, where to post"
    else:
        yield "Slack", "a local server (set SLACK_BOT_TOKEN and SLACK_CHANNEL to post to the real one)"
    yield "Warehouse", f"DuckDB, {shown(home.warehouse)}"
