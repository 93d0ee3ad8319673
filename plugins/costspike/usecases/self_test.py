"""Send a test message through the configured way to Slack, and say exactly what is wrong with it."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Protocol

from costspike.domain.errors import UpstreamError
from costspike.rendering.message import Message
from costspike.rendering.self_test_message import self_test_message
from costspike.rendering.slack_faults import Where, diagnosis
from costspike.usecases.sender import Posted

log = logging.getLogger(__name__)

_POST = "chat:write"
_LOOK = ("channels:history", "groups:history")
_LOOKS = 3
_BETWEEN_LOOKS_SECONDS = 1.0
_SLACK_OF_CLOCKS = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """Whom a token belongs to; ``scopes`` is None where Slack did not say what it may do."""

    team: str
    bot: str
    scopes: frozenset[str] | None


class TestedSender(Protocol):
    """A way to Slack, as the alerts take it."""

    can_find: bool

    def post(self, channel: str, message: Message) -> Posted:
        """Post a message."""

    def find(self, channel: str, message_key: str, since: datetime) -> Posted | None:
        """Return where a message is, None if it is not there."""

    def identity(self) -> Identity | None:
        """Return whom the token belongs to, None for a way without a token."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One thing that was tried, and what it showed."""

    name: str
    ok: bool
    says: str

    def __str__(self) -> str:
        """Return the step as a line for people."""
        return f"{'✔' if self.ok else '✘'} {self.name}: {self.says}"


@dataclass(frozen=True, slots=True, kw_only=True)
class SelfTest:
    """What is tested: the connection in words, the channels, and the outside world."""

    conn_id: str
    channels: Sequence[str]
    timeout_seconds: int
    clock: Callable[[], datetime]
    sleep: Callable[[float], None]


def self_test(sender: TestedSender | None, test: SelfTest) -> list[Step]:
    """Return every step that was taken, in order; a message per channel is sent, the outbox is not touched."""
    steps = list(_steps(sender, test))
    for step in steps:
        log.log(logging.INFO if step.ok else logging.ERROR, "%s", step)
    return steps


def as_plain(steps: Iterable[Step]) -> list[dict[str, Any]]:
    """Return steps as a task may return them."""
    return [{"step": step.name, "ok": step.ok, "says": step.says} for step in steps]


def _steps(sender: TestedSender | None, test: SelfTest) -> Iterable[Step]:
    if sender is None:
        says = (
            f"There is no connection {test.conn_id}: alerts are only kept in the outbox. "
            "Add one under Admin > Connections."
        )
        yield Step(name="connection", ok=False, says=says)
        return
    where = Where(conn_id=test.conn_id, timeout_seconds=test.timeout_seconds)
    try:
        known = sender.identity()
    except UpstreamError as error:
        yield Step(name="token", ok=False, says=diagnosis(error, where))
        return
    if known is not None:
        where = replace(where, bot=known.bot)
        yield Step(name="token", ok=True, says=f"it is of the app {known.bot} in the workspace {known.team}")
        scopes = _scopes(known, where)
        yield from scopes
        if known.scopes is not None and _POST not in known.scopes:
            return
    for channel in test.channels:
        yield from _message(sender, test, replace(where, channel=channel))


def _scopes(known: Identity, where: Where) -> list[Step]:
    """Return what the token may do, as far as Slack says it."""
    if known.scopes is None:
        return []
    missing = [] if _POST in known.scopes else [_POST]
    if known.scopes.isdisjoint(_LOOK):
        missing.append(" or ".join(_LOOK))
    if not missing:
        return [Step(name="scopes", ok=True, says=", ".join(sorted(known.scopes)))]
    refused = UpstreamError("missing", system="Slack", reason="auth", retryable=False, code="missing_scope")
    return [
        Step(name="scopes", ok=False, says=diagnosis(refused, replace(where, scope=scope)))
        for scope in missing
    ]


def _message(sender: TestedSender, test: SelfTest, where: Where) -> Iterable[Step]:
    """Post into one channel, and read the message back as a retry after a lost answer would."""
    now = test.clock()
    key = f"self-test-{now:%Y%m%dT%H%M%S%f}-{where.channel.lstrip('#')}"
    name = f"post in {where.channel}" if sender.can_find else "post through the webhook"
    try:
        posted = sender.post(where.channel, self_test_message(key, now=now))
    except UpstreamError as error:
        yield Step(name=name, ok=False, says=diagnosis(error, replace(where, scope=_POST)))
        return
    yield Step(
        name=name, ok=True, says=f"the test message is there (channel {posted.channel}, ts {posted.ts})"
    )
    if not sender.can_find:
        return
    name = f"read back from {where.channel}"
    try:
        found = _read_back(sender, posted, key, test)
    except UpstreamError as error:
        yield Step(name=name, ok=False, says=diagnosis(error, replace(where, scope=" or ".join(_LOOK))))
        return
    if found:
        yield Step(name=name, ok=True, says="found by its metadata: a lost answer will double no alert")
        return
    says = (
        "The history of the channel does not hold the message that was posted. Check whether another app or a "
        "retention rule deletes messages; until then an alert whose answer is lost can be sent twice."
    )
    yield Step(name=name, ok=False, says=says)


def _read_back(sender: TestedSender, posted: Posted, key: str, test: SelfTest) -> bool:
    since = test.clock() - _SLACK_OF_CLOCKS
    for look in range(_LOOKS):
        if look:
            test.sleep(_BETWEEN_LOOKS_SECONDS)
        if sender.find(posted.channel, key, since):
            return True
    return False
