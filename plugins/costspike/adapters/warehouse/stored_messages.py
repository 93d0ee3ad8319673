"""The messages of the outbox, to look at: nothing here changes anything."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from costspike.adapters.warehouse.database import Database


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredMessage:
    """One message; ``message`` is as it was sent or last tried, empty where it never was."""

    message_key: str
    alert_ids: tuple[str, ...]
    incident_ids: tuple[str, ...]
    notify_reason: str
    day: date
    channel: str
    state: str
    message: str


def stored_messages(database: Database, asked: str) -> list[StoredMessage]:
    """Return the messages with a key, of a spike, an incident or a cost day (ISO), oldest first."""
    with database.transaction() as tx:
        rows = tx.rows("spike_alerts/select_asked", asked=asked)
    found: dict[str, StoredMessage] = {}
    for row in rows:
        key = row["message_key"] or row["alert_id"]
        earlier = found.get(key)
        found[key] = StoredMessage(
            message_key=key,
            alert_ids=(*(earlier.alert_ids if earlier else ()), row["alert_id"]),
            incident_ids=(*(earlier.incident_ids if earlier else ()), row["incident_id"]),
            notify_reason=row["notify_reason"],
            day=row["charge_period_start"],
            channel=row["channel"],
            state=row["x_state"],
            message=row["message"],
        )
    return list(found.values())
