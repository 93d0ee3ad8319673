"""cost_spikes: the verdicts of a day, replaced as a whole together with the messages they call for."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING

from costspike.adapters.warehouse.incident_tables import IncidentTables
from costspike.adapters.warehouse.spike_rows import parameters_of, spike_of
from costspike.domain.incident_changes import NotifyReason
from costspike.domain.notices import notice_of
from costspike.domain.request_sets import USAGE
from costspike.domain.told import Entry

if TYPE_CHECKING:
    from costspike.adapters.warehouse.database import Database, Row, Transaction
    from costspike.domain.incident_book import KnownSpikes
    from costspike.domain.incident_settings import IncidentSettings
    from costspike.domain.lifecycle import Decision, News
    from costspike.domain.notices import Notice
    from costspike.domain.quiet import QuietSpike
    from costspike.domain.spikes import Spike

Decide = Callable[["KnownSpikes", Sequence[Entry]], "Decision"]
"""From all spikes and what the outbox holds of them: the incidents, and what becomes of the outbox."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """All spikes of a day; none is a verdict too. ``quiet`` are those of them that are not to be told."""

    day: date
    spikes: Sequence[Spike]
    quiet: Sequence[QuietSpike] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredAlert:
    """A message in the outbox; ``message_key`` is empty until it was claimed."""

    alert_id: str
    spike_id: str
    message_key: str
    sent: bool
    day: date
    channel: str
    created_at: datetime
    notice: Notice

    @property
    def is_first(self) -> bool:
        """Tell whether it is the first message of its incident."""
        return self.notice.reason is NotifyReason.FIRST_NOTIFICATION


class SpikeTables:
    """cost_spikes, and the rows of the outbox that belong to a verdict."""

    def __init__(self, database: Database, source: str = "cost_explorer") -> None:
        self._database = database
        self._source = source

    def store(
        self,
        verdicts: Sequence[Verdict],
        decide: Decide,
        *,
        settings: IncidentSettings,
        route: Callable[[Notice], str],
        detected_at: datetime,
        run_id: str,
    ) -> Decision:
        """Replace the verdicts of some days, and with them the incidents and the outbox; return what was decided.

        All of it happens in one transaction: a spike that is stored will be told, whatever fails later.
        ``route`` says in which channel.
        """
        with self._database.transaction() as tx:
            tx.run("spike_alerts/lock")
            for verdict in verdicts:
                self._replace_day(tx, verdict, detected_at, run_id)
            book = IncidentTables(tx, self._source)
            known = book.known([verdict.day for verdict in verdicts], settings)
            decision = decide(known, self._entries(tx, known.since))
            book.replace(known, decision.incidents)
            self._tell(tx, decision.news, route, detected_at)
        return decision

    def unjudged_days(self, start: date, end: date, *, restated_start: date) -> list[date]:
        """Return the landed days of [start, end) without a verdict, oldest first.

        With them come the days of [restated_start, end) whose usage was restated after their verdict.
        """
        with self._database.transaction() as tx:
            rows = tx.rows(
                "judged_days/select_unjudged",
                start=start,
                end=end,
                restated_start=restated_start,
                source=self._source,
                charge_type=USAGE,
            )
        return [row["charge_period_start"] for row in rows]

    def spike(self, spike_id: str) -> Spike | None:
        """Return one spike, None if the newest verdict of its day does not hold it."""
        with self._database.transaction() as tx:
            row = tx.row("cost_spikes/select_one", spike_id=spike_id)
        return spike_of(row) if row else None

    def spikes_of(self, day: date) -> list[Spike]:
        """Return the spikes of a day, largest impact first."""
        with self._database.transaction() as tx:
            return [spike_of(row) for row in tx.rows("cost_spikes/select_day", day=day, source=self._source)]

    def notice(self, alert_id: str) -> Notice | None:
        """Return what a message of the outbox tells, None if there is no such message."""
        with self._database.transaction() as tx:
            row = tx.row("spike_alerts/select_notice", alert_id=alert_id)
        return notice_of(row["notice"]) if row else None

    def earlier(self, spike: Spike, since: date) -> list[Spike]:
        """Return the spikes of the same scope and currency of [since, the spike's day), the oldest first."""
        with self._database.transaction() as tx:
            rows = tx.rows(
                "cost_spikes/select_earlier",
                since=since,
                day=spike.day,
                source=self._source,
                billing_currency=spike.billing_currency,
                **asdict(spike.scope),
            )
        return [spike_of(row) for row in rows]

    def alerts(self, since: date, until: date) -> list[StoredAlert]:
        """Return the messages of [since, until]: first notifications, largest impact first, then the others.

        A first notification whose spike was withdrawn is not among them.
        """
        with self._database.transaction() as tx:
            rows = tx.rows("spike_alerts/select_days", since=since, until=until)
        return [_stored_alert(row) for row in rows]

    def keep_waiting(self, waiting: Iterable[str], due: Iterable[str], *, problem: str) -> None:
        """Keep why messages that nobody has begun to send do not go out yet, and that others are due by now."""
        with self._database.transaction() as tx:
            for alert_id in due:
                tx.run("spike_alerts/update_due", alert_id=alert_id, problem=problem)
            for alert_id in waiting:
                tx.run("spike_alerts/update_waiting", alert_id=alert_id, problem=problem)

    def _replace_day(self, tx: Transaction, verdict: Verdict, detected_at: datetime, run_id: str) -> None:
        key = {"day": verdict.day, "source": self._source}
        tx.run("withdrawn_spikes/delete_other_sources", **key)
        tx.run("cost_spikes/delete_other_sources", **key)
        tx.run("withdrawn_spikes/insert_day", withdrawn_at=detected_at, **key)
        tx.run("cost_spikes/delete_day", **key)
        for spike in verdict.spikes:
            tx.run(
                "cost_spikes/insert",
                incident_id=spike.spike_id,
                source=self._source,
                detected_at=detected_at,
                run_id=run_id,
                **parameters_of(spike),
            )
        tx.run("withdrawn_spikes/delete_standing", **key)
        tx.run("quiet_spikes/delete_day", **key)
        for one in verdict.quiet:
            tx.run("quiet_spikes/insert", **asdict(one), **key)
        tx.run("judged_days/delete_day", **key)
        tx.run("judged_days/insert", spikes=len(verdict.spikes), judged_at=detected_at, run_id=run_id, **key)

    def _entries(self, tx: Transaction, since: date) -> list[Entry]:
        """Return the outbox as far as its incidents are folded again."""
        rows = tx.rows("spike_alerts/select_entries", since=since, source=self._source)
        entries = [
            Entry(notice=notice_of(row["notice"]), state=row["x_state"], has_thread=bool(row["ts"]))
            for row in rows
        ]
        return [entry for entry in entries if entry.notice.first_day >= since]

    def _tell(self, tx: Transaction, news: News, route: Callable[[Notice], str], now: datetime) -> None:
        for alert_id in news.dropped:
            tx.run("spike_alerts/delete_pending", alert_id=alert_id)
        for notice in news.renewed:
            tx.run("spike_alerts/update_notice", alert_id=notice.alert_id, notice=notice.as_text())
        for notice in news.new:
            tx.run(
                "spike_alerts/insert_pending",
                alert_id=notice.alert_id,
                message_key="",
                incident_id=notice.incident_id,
                notify_reason=notice.reason.value,
                day=notice.day,
                channel=route(notice),
                spike_id=notice.spike_id,
                notice=notice.as_text(),
                source=self._source,
                created_at=now,
            )


def _stored_alert(row: Row) -> StoredAlert:
    return StoredAlert(
        alert_id=row["alert_id"],
        spike_id=row["spike_id"],
        message_key=row["message_key"],
        sent=row["x_state"] == "sent",
        day=row["charge_period_start"],
        channel=row["channel"],
        created_at=row["x_created_at"],
        notice=notice_of(row["notice"]),
    )
