"""spike_alerts, the outbox: whoever may send a message holds its rows, and what became of it is kept."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from costspike.adapters.warehouse.database import Database, Row, Transaction
    from costspike.domain.deliveries import Delivery


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """The answer to a claim.

    ``mine``: send it. ``sent``: it was sent before. ``busy``: somebody else is sending it. ``withdrawn``:
    no verdict holds its spikes any more. ``attempted_since`` is None unless the outcome of an earlier attempt
    is unknown; then it is a moment before every attempt, and the message has to be looked for since then.
    ``held_since`` tells this claim from a later one, of the same claimant too.
    """

    state: Literal["mine", "sent", "busy", "withdrawn"]
    spike_ids: tuple[str, ...] = ()
    channel: str = ""
    attempted_since: datetime | None = None
    claimant: str = ""
    held_since: datetime | None = None


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
                for spike_id in delivery.spike_ids
                for row in tx.rows("spike_alerts/select_one", spike_id=spike_id)
            ]
            waiting = [row for row in rows if row["x_state"] != "sent"]
            if not waiting:
                return Claim(state="sent" if rows else "withdrawn")
            own = [row for row in waiting if not _is_elsewhere(row, delivery)]
            if not own or any(_is_held(row, claimant, stale_before) for row in waiting):
                return Claim(state="busy")
            for row in own:
                self._claim(tx, row, delivery, claimant, now)
        # Not from claimed_at: an attempt that could not even look has moved it past the one that may have posted.
        attempts = [row["x_created_at"] for row in own if row["x_state"] == "claimed"]
        return Claim(
            state="mine",
            spike_ids=tuple(row["spike_id"] for row in own),
            channel=own[0]["channel"],
            attempted_since=min(attempts) if attempts else None,
            claimant=claimant,
            held_since=now,
        )

    def renew(self, claim: Claim, *, now: datetime) -> Claim | None:
        """Return the claim as of now, None if somebody took it over: it was left alone for too long."""
        with self._database.transaction() as tx:
            tx.run("spike_alerts/lock")
            rows = [tx.row("spike_alerts/select_one", spike_id=spike_id) for spike_id in claim.spike_ids]
            if not all(row and _is_same(row, claim) for row in rows):
                return None
            for spike_id in claim.spike_ids:
                tx.run("spike_alerts/update_renewed", spike_id=spike_id, claimed_at=now)
        return replace(claim, held_since=now)

    def sent(
        self,
        delivery: Delivery,
        spike_ids: Sequence[str],
        *,
        channel: str,
        ts: str,
        message: str,
        now: datetime,
    ) -> None:
        """Keep that a message was sent; ``channel`` is Slack's id of it, empty for a webhook."""
        with self._database.transaction() as tx:
            for spike_id in spike_ids:
                tx.run(
                    "spike_alerts/update_sent",
                    spike_id=spike_id,
                    message_key=delivery.message_key,
                    posted_channel=channel,
                    ts=ts,
                    message=message,
                    sent_at=now,
                )

    def not_sent(self, claim: Claim, *, problem: str, message: str, outcome_known: bool) -> None:
        """Keep why a message did not go out; it stays claimed where it may have arrived all the same."""
        with self._database.transaction() as tx:
            for spike_id in claim.spike_ids:
                tx.run(
                    "spike_alerts/update_problem",
                    spike_id=spike_id,
                    claimed_by=claim.claimant,
                    claimed_at=claim.held_since,
                    state="pending" if outcome_known else "claimed",
                    problem=problem[:1000],
                    message=message,
                )

    def channel_id(self, channel: str) -> str:
        """Return the id that Slack gave for a channel with an earlier message, empty if there was none."""
        with self._database.transaction() as tx:
            row = tx.row("spike_alerts/select_posted_channel", channel=channel)
        return str(row["posted_channel"]) if row else ""

    def _claim(self, tx: Transaction, row: Row, delivery: Delivery, claimant: str, now: datetime) -> None:
        tx.run(
            "spike_alerts/update_claim",
            spike_id=row["spike_id"],
            message_key=delivery.message_key,
            claimed_by=claimant,
            claimed_at=now,
            seen_attempts=row["attempts"],
        )


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
