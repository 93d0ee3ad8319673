"""spike_alerts, the outbox: whoever may send a message holds its rows, and what became of it is kept."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Literal

from costspike.domain.deliveries import Delivery
from costspike.domain.incident_changes import NotifyReason
from costspike.domain.notices import Notice, is_note, notice_of

if TYPE_CHECKING:
    from costspike.adapters.warehouse.database import Database, Row, Transaction

_DETAILS = NotifyReason.DETAILS.value


@dataclass(frozen=True, slots=True, kw_only=True)
class Thread:
    """The first message of an incident; ``channel`` is Slack's id of it, ``message`` as it was sent.

    ``ts`` is empty where a webhook sent it, which cannot be answered.
    """

    channel: str
    ts: str
    message_key: str
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """The answer to a claim.

    ``mine``: send it. ``sent``: it was sent before. ``busy``: somebody else is sending it. ``withdrawn``:
    no verdict holds its spikes any more. ``attempted_since`` is None unless the outcome of an earlier attempt
    is unknown; then it is a moment before every attempt, and the message has to be looked for since then.
    ``held_since`` tells this claim from a later one, of the same claimant too. ``thread`` and ``latest``, the
    newest that there is to tell of the incident, are None for a first notification; details are no news.
    """

    state: Literal["mine", "sent", "busy", "withdrawn"]
    alert_ids: tuple[str, ...] = ()
    channel: str = ""
    attempted_since: datetime | None = None
    claimant: str = ""
    held_since: datetime | None = None
    thread: Thread | None = None
    latest: Notice | None = None


class Outbox:
    """The rows of spike_alerts that a message tells of."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def claim(self, delivery: Delivery, *, claimant: str, now: datetime, stale_before: datetime) -> Claim:
        """Claim a message, unless it was sent or another task instance holds it.

        Args:
            delivery: the message and its spikes.
            claimant: the task instance; its own claim, left by an earlier try, is taken over at once.
            now: the moment of the claim, UTC.
            stale_before: another's claim that is older was left behind by a killed process.
        """
        with self._database.transaction() as tx:
            tx.run("spike_alerts/lock")
            rows = [
                row
                for alert_id in delivery.alert_ids
                for row in tx.rows("spike_alerts/select_one", alert_id=alert_id)
            ]
            waiting = [row for row in rows if row["x_state"] != "sent"]
            if not waiting:
                return Claim(state="sent" if rows else "withdrawn")
            own = [row for row in waiting if not _is_elsewhere(row, delivery)]
            if not own or any(_is_held(row, claimant, stale_before) for row in waiting):
                return Claim(state="busy")
            for row in own:
                self._claim(tx, row, delivery, claimant, now)
            goes_on = is_note(delivery.message_key)
            thread = _thread(tx, own[0]) if goes_on else None
            latest = _latest(tx, own[0]) if goes_on and own[0]["notify_reason"] != _DETAILS else None
        # Not from claimed_at: an attempt that could not even look has moved it past the one that may have posted.
        attempts = [row["x_created_at"] for row in own if row["x_state"] == "claimed"]
        return Claim(
            state="mine",
            alert_ids=tuple(row["alert_id"] for row in own),
            channel=own[0]["channel"],
            attempted_since=min(attempts) if attempts else None,
            claimant=claimant,
            held_since=now,
            thread=thread,
            latest=latest,
        )

    def renew(self, claim: Claim, *, now: datetime) -> Claim | None:
        """Return the claim as of now, None if somebody took it over: it was left alone for too long."""
        with self._database.transaction() as tx:
            tx.run("spike_alerts/lock")
            rows = [tx.row("spike_alerts/select_one", alert_id=alert_id) for alert_id in claim.alert_ids]
            if not all(row and _is_same(row, claim) for row in rows):
                return None
            for alert_id in claim.alert_ids:
                tx.run("spike_alerts/update_renewed", alert_id=alert_id, claimed_at=now)
        return replace(claim, held_since=now)

    def sent(
        self,
        delivery: Delivery,
        alert_ids: Sequence[str],
        *,
        channel: str,
        ts: str,
        message: str,
        now: datetime,
        has_details: bool = False,
    ) -> None:
        """Keep that a message was sent; ``channel`` is Slack's id of it, empty for a webhook.

        With ``has_details`` each of its rows owes its details to the thread from then on.
        """
        with self._database.transaction() as tx:
            for alert_id in alert_ids:
                tx.run(
                    "spike_alerts/update_sent",
                    alert_id=alert_id,
                    message_key=delivery.message_key,
                    posted_channel=channel,
                    ts=ts,
                    message=message,
                    sent_at=now,
                )
                if has_details and ts:
                    _owe_details(tx, alert_id, now)

    def details(self, delivery: Delivery) -> list[Delivery]:
        """Return the answers that a first message that was sent still owes to its thread."""
        with self._database.transaction() as tx:
            rows = tx.rows("spike_alerts/select_details", message_key=delivery.message_key)
        return [Delivery(message_key=row["alert_id"], spike_ids=(row["spike_id"],)) for row in rows]

    def not_sent(self, claim: Claim, *, problem: str, message: str, outcome_known: bool) -> None:
        """Keep why a message did not go out; it stays claimed where it may have arrived all the same."""
        with self._database.transaction() as tx:
            for alert_id in claim.alert_ids:
                tx.run(
                    "spike_alerts/update_problem",
                    alert_id=alert_id,
                    claimed_by=claim.claimant,
                    claimed_at=claim.held_since,
                    state="pending" if outcome_known else "claimed",
                    problem=problem[:1000],
                    message=message,
                )

    def redirect(self, claim: Claim, *, channel: str) -> None:
        """Keep that a message goes to another channel, before it is sent there."""
        with self._database.transaction() as tx:
            for alert_id in claim.alert_ids:
                tx.run(
                    "spike_alerts/update_channel",
                    alert_id=alert_id,
                    claimed_by=claim.claimant,
                    claimed_at=claim.held_since,
                    channel=channel,
                )

    def channel_id(self, channel: str) -> str:
        """Return the id that Slack gave for a channel with an earlier message, empty if there was none."""
        with self._database.transaction() as tx:
            row = tx.row("spike_alerts/select_posted_channel", channel=channel)
        return str(row["posted_channel"]) if row else ""

    def _claim(self, tx: Transaction, row: Row, delivery: Delivery, claimant: str, now: datetime) -> None:
        tx.run(
            "spike_alerts/update_claim",
            alert_id=row["alert_id"],
            message_key=delivery.message_key,
            claimed_by=claimant,
            claimed_at=now,
            seen_attempts=row["attempts"],
        )


def _owe_details(tx: Transaction, alert_id: str, now: datetime) -> None:
    first = tx.row("spike_alerts/select_one", alert_id=alert_id)
    if first is None or first["notify_reason"] != NotifyReason.FIRST_NOTIFICATION.value:
        return
    notice = replace(notice_of(first["notice"]), reason=NotifyReason.DETAILS)
    tx.run(
        "spike_alerts/insert_pending",
        alert_id=notice.alert_id,
        message_key="",
        incident_id=notice.incident_id,
        notify_reason=notice.reason.value,
        day=notice.day,
        channel=first["channel"],
        spike_id=notice.spike_id,
        notice=notice.as_text(),
        source=first["x_source"],
        created_at=now,
    )


def _thread(tx: Transaction, row: Row) -> Thread | None:
    """Return the first message of a row's incident, None if it is not known to have been sent."""
    first = tx.row("spike_alerts/select_thread", incident_id=row["incident_id"])
    if first is None:
        return None
    return Thread(
        channel=first["posted_channel"] or first["channel"],
        ts=first["ts"],
        message_key=first["message_key"],
        message=first["message"],
    )


def _latest(tx: Transaction, row: Row) -> Notice:
    """Return the newest news of a row's incident: an older message that is late must not hide it."""
    found = tx.row("spike_alerts/select_latest", incident_id=row["incident_id"]) or row
    return notice_of(found["notice"])


def _is_elsewhere(row: Row, delivery: Delivery) -> bool:
    """Tell whether a row may have been told by another message, under whose key alone that can be found out."""
    return bool(row["x_state"] == "claimed" and row["message_key"] != delivery.message_key)


def _is_same(row: Row, claim: Claim) -> bool:
    """Tell whether nobody touched a row since it was claimed."""
    held = (row["x_state"], row["claimed_by"], row["claimed_at"])
    return held == ("claimed", claim.claimant, claim.held_since)


def _is_held(row: Row, claimant: str, stale_before: datetime) -> bool:
    """Tell whether another task instance is sending a row's message right now."""
    claimed_by_another = row["x_state"] == "claimed" and row["claimed_by"] != claimant
    return bool(claimed_by_another and row["claimed_at"] >= stale_before)
