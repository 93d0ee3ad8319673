"""cost_drops: what fell on a day, replaced as a whole together with the message that tells of it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from datetime import date, datetime
from typing import TYPE_CHECKING

from costspike.adapters.warehouse.health import announce

if TYPE_CHECKING:
    from costspike.adapters.warehouse.database import Database, Transaction
    from costspike.domain.drops import Drop


class DropTables:
    """cost_drops, and the rows of the outbox that belong to them."""

    def __init__(self, database: Database, source: str = "cost_explorer") -> None:
        self._database = database
        self._source = source

    def store(self, day: date, drops: Sequence[Drop], *, detected_at: datetime, run_id: str) -> None:
        """Replace the drops of a day."""
        with self._database.transaction() as tx:
            self._replace(tx, day, drops, detected_at, run_id)

    def store_and_announce(
        self,
        day: date,
        drops: Sequence[Drop],
        *,
        message_key: str,
        reason: str,
        channel: str,
        detected_at: datetime,
        run_id: str,
    ) -> None:
        """Replace the drops of a day, and put their message into the outbox unless the day has one.

        Both happen in one transaction: what is stored will be told, whatever fails later.
        """
        with self._database.transaction() as tx:
            self._replace(tx, day, drops, detected_at, run_id)
            announce(tx, message_key, reason, day=day, channel=channel, now=detected_at)

    def _replace(
        self, tx: Transaction, day: date, drops: Sequence[Drop], detected_at: datetime, run_id: str
    ) -> None:
        tx.run("cost_drops/delete_day", day=day)
        for drop in drops:
            tx.run(
                "cost_drops/insert",
                drop_id=drop.drop_id,
                day=day,
                scope_kind=drop.scope.kind,
                account_id=drop.scope.account_id,
                service=drop.scope.service,
                billing_currency=drop.billing_currency,
                actual_cost=drop.actual_cost,
                expected_cost=drop.expected_cost,
                expected_low=drop.expected_low,
                lowest_cost=drop.lowest_cost,
                gates=json.dumps([asdict(gate) for gate in drop.gates]),
                source=self._source,
                detected_at=detected_at,
                run_id=run_id,
            )
