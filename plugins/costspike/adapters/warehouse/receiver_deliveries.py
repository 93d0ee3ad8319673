"""receiver_deliveries: which messages other receivers have, and which they still have to be given."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from costspike.adapters.warehouse.database import Database

State = Literal["pending", "handed_over", "not_wanted"]
_NO_MESSAGE = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SentMessage:
    """A message that Slack has; a digest tells of several incidents.

    ``details`` is what answered a short one in its thread, empty where nothing did.
    """

    message_key: str
    incident_ids: tuple[str, ...]
    notify_reason: str
    message: str
    details: str = ""


class ReceiverDeliveries:
    """The ledger of hand-overs."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def waiting(self, receiver: str, *, claims: str, since: datetime) -> list[SentMessage]:
        """Return what a receiver still has to be given, oldest first.

        Args:
            receiver: its name.
            claims: what the claimants of this run begin with; its messages are for a new receiver too.
            since: older messages are left alone.
        """
        with self._database.transaction() as tx:
            rows = tx.rows(
                "receiver_deliveries/select_waiting", receiver=receiver, claims=claims, since=since
            )
        found: dict[str, SentMessage] = {}
        for row in rows:
            earlier = found.get(row["message_key"])
            found[row["message_key"]] = SentMessage(
                message_key=row["message_key"],
                incident_ids=(*(earlier.incident_ids if earlier else ()), row["incident_id"]),
                notify_reason=row["notify_reason"],
                message=row["message"],
                details=row["details"],
            )
        return list(found.values())

    def register(self, receiver: str, *, now: datetime) -> None:
        """Note since when there is a receiver, unless that is known: it is given everything from then on."""
        self._insert(receiver, _NO_MESSAGE, "registered", now)

    def begin(self, receiver: str, message_key: str, *, now: datetime) -> None:
        """Note that a message is for a receiver, before it is given: whatever fails, it is not forgotten."""
        self._insert(receiver, message_key, "pending", now)

    def end(self, receiver: str, message_key: str, *, state: State, problem: str, now: datetime) -> None:
        """Keep what became of a hand-over, and why the receiver did not take it."""
        with self._database.transaction() as tx:
            tx.run(
                "receiver_deliveries/update_result",
                receiver=receiver,
                message_key=message_key,
                state=state,
                problem=problem[:1000],
                handed_over_at=now if state == "handed_over" else None,
            )

    def _insert(self, receiver: str, message_key: str, state: str, now: datetime) -> None:
        with self._database.transaction() as tx:
            tx.run("receiver_deliveries/lock")
            tx.run(
                "receiver_deliveries/insert",
                receiver=receiver,
                message_key=message_key,
                state=state,
                now=now,
            )
