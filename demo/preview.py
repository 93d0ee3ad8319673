"""``python -m demo.preview``: any message of the outbox as text, as Slack's blocks and as a page, read-only.

Asked for by its key, by the id of its spike or incident, or by its cost day.
"""

from __future__ import annotations

import argparse
import json
import sys
import webbrowser
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from costspike.adapters.warehouse.database import Database
    from costspike.usecases.preview_messages import Preview

ROOT = Path(__file__).resolve().parents[1]
WAREHOUSE = ROOT / "var" / "demo" / "warehouse.duckdb"
POSTGRES = ("postgres://", "postgresql://")
BUSY_SECONDS = 5.0


def main() -> int:
    """Show the messages; return 0 if there is one."""
    arguments = _parser().parse_args()
    sys.path.append(str(ROOT / "plugins"))
    from costspike.domain.errors import CostspikeError

    try:
        previews = _previews(arguments.asked, arguments.warehouse)
    except CostspikeError as stop:
        sys.stdout.write(f"✘ {stop}\n")
        return 1
    shown = [preview for preview in previews if preview.message is not None]
    for preview in previews:
        _write(preview, arguments.form)
    if arguments.form in {"all", "text"}:
        _write_verdicts(previews, arguments.warehouse)
    if not shown:
        sys.stdout.write(f"✘ {_nothing(arguments.asked, previews)}\n")
        return 1
    if arguments.form in {"all", "html"}:
        page = _page(shown, arguments.asked, arguments.out)
        sys.stdout.write(f"page: {page}\n")
        if arguments.open:
            webbrowser.open(page.as_uri())
    return 0


def _previews(asked: str, warehouse: str) -> list[Preview]:
    from costspike import settings
    from costspike.adapters.warehouse.cost_tables import CostTables
    from costspike.adapters.warehouse.explanations import Explanations
    from costspike.adapters.warehouse.spike_tables import SpikeTables
    from costspike.adapters.warehouse.stored_messages import StoredMessage, stored_messages
    from costspike.domain.deliveries import Delivery
    from costspike.domain.errors import CostspikeError, DataContractError
    from costspike.domain.secrets import without_secrets
    from costspike.rendering.message import FoldedMessage, Message
    from costspike.usecases.preview_messages import preview_messages
    from costspike.usecases.render_alert import Sources, render_alert

    database = _database(warehouse)
    sources = Sources(
        tables=CostTables(database), spikes=SpikeTables(database), explanations=Explanations(database)
    )
    own = settings.load()

    def render(delivery: Delivery, one: StoredMessage) -> Message | FoldedMessage | None:
        return render_alert(delivery, one.alert_ids, own, sources, one.day)

    try:
        return preview_messages(stored_messages(database, asked), render)
    except CostspikeError:
        raise
    except Exception as error:
        why = without_secrets(f"{type(error).__name__}: {error}")[:200]
        msg = f"{without_secrets(warehouse)} cannot be read ({why}); expected a costspike warehouse"
        raise DataContractError(msg) from error


def _database(warehouse: str) -> Database:
    """Return a warehouse that cannot be written to: the engine itself refuses."""
    from costspike.adapters.warehouse.database import Database

    if warehouse.startswith(POSTGRES):
        import psycopg

        read = "-c default_transaction_read_only=on"
        return Database(
            connect=lambda: psycopg.connect(warehouse, options=read),
            engine="postgres",
            placeholder="%s",
            read_only=True,
        )
    import duckdb

    return Database(
        connect=lambda: duckdb.connect(warehouse, read_only=True),
        engine="duckdb",
        placeholder="?",
        busy_seconds=BUSY_SECONDS,
        read_only=True,
    )


def _write(preview: Preview, form: str) -> None:
    stored, message = preview.stored, preview.message
    if form in {"all", "text"}:
        how = "as it was sent or last tried" if preview.as_sent else "as it would be sent now"
        how += ", in the thread" if preview.is_details else ""
        said = (
            message.text
            if message
            else "none; it was never tried, and what it would tell of is not there any more"
        )
        sys.stdout.write(
            f"{stored.message_key}: {stored.notify_reason}, {stored.day}, {stored.channel}, {stored.state}; {how}\n"
            f"text: {said}\n"
        )
    if message and form in {"all", "blocks"}:
        sys.stdout.write(json.dumps({"blocks": message.blocks}, ensure_ascii=False, indent=2) + "\n")


def _write_verdicts(previews: Sequence[Preview], warehouse: str) -> None:
    """Write what people said of the incidents that the messages are about, the last word of each first."""
    from costspike.adapters.warehouse.human_verdicts import HumanVerdicts
    from costspike.domain.texts import plain

    verdicts = HumanVerdicts(_database(warehouse))
    for incident_id in dict.fromkeys(one for preview in previews for one in preview.stored.incident_ids):
        for said in verdicts.of_incident(incident_id):
            note = f": {plain(said.note)}" if said.note else ""
            sys.stdout.write(
                f"verdict on {incident_id}: {said.verdict} by {plain(said.given_by)}, "
                f"{said.given_at:%Y-%m-%d %H:%M} UTC{note}\n"
            )


def _page(previews: Sequence[Preview], asked: str, folder: Path) -> Path:
    from costspike.adapters.previews import stylesheet, write_page
    from costspike.rendering.preview_page import preview_page

    messages = [preview.message for preview in previews if preview.message]
    answers = [place for place, preview in enumerate(previews) if preview.is_details]
    name = "".join(char if char.isalnum() or char in "-_" else "-" for char in asked)
    page = preview_page(
        messages,
        title=f"Messages of {asked}",
        css=stylesheet(),
        channel=previews[0].stored.channel,
        answers=answers,
    )
    return write_page(folder, name, page)


def _nothing(asked: str, previews: Sequence[Preview]) -> str:
    if previews:
        return "there is nothing to show"
    return (
        f"the outbox holds no message of {asked!r}; expected a message key, the id of a spike or an incident, "
        "or a cost day (2026-11-23) with an alert"
    )


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m demo.preview",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("asked", help="message key, spike id, incident id or cost day (2026-11-23)")
    parser.add_argument(
        "--warehouse",
        default=str(WAREHOUSE),
        help="a DuckDB file, or postgresql://… (libpq takes the password from PGPASSWORD or its file)",
    )
    parser.add_argument(
        "--form", choices=["all", "text", "blocks", "html"], default="all", help="what to show"
    )
    parser.add_argument("--out", type=Path, default=ROOT / "var" / "previews", help="folder of the page")
    parser.add_argument("--open", action="store_true", help="open the page in the browser")
    return parser


if __name__ == "__main__":
    sys.exit(main())
