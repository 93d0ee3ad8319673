"""The Airflow run as costspike sees it: which day it is about, when it began, what it was triggered with."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any

from costspike import settings as settings_module
from costspike.domain.errors import SettingsError
from costspike.domain.runs import Run
from costspike.settings import Settings

Context = Mapping[str, Any]

# DAG param -> (section, key) that it overrides for one run.
PARAM_OVERRIDES = {
    "detector": ("detection", "detector"),
    "sensitivity": ("detection", "sensitivity"),
    "min_impact": ("detection", "min_impact"),
    "min_impact_share_percent": ("detection", "min_impact_share_percent"),
    "min_impact_percent": ("detection", "min_impact_percent"),
    "explain_in_backfill": ("explain", "in_backfill"),
    "alert_in_backfill": ("alerts", "in_backfill"),
}

# Airflow reads some keys of a run's conf itself; they begin so (3.3.2).
_OF_AIRFLOW = "airflow/"


def refuse_unknown_params(context: Context) -> None:
    """Refuse a run whose conf has a key that is no param of its DAG: Airflow would run it as if nobody had asked.

    For the first task of a DAG, before it does anything; a backfill's ``dag_run_conf`` comes the same way.

    Raises:
        SettingsError: all unknown keys, and the known ones.
    """
    known, given = list(context["dag"].params), context["dag_run"].conf or {}
    unknown = [repr(key) for key in given if key not in known and not str(key).startswith(_OF_AIRFLOW)]
    if unknown:
        msg = (
            f"the run was triggered with {', '.join(unknown)}, which {context['dag'].dag_id} does not know; expected "
            f"some of {', '.join(known)}. Nothing was done. Trigger it again with the names as they are here."
        )
        raise SettingsError(msg)


def cost_day(context: Context) -> date:
    """Return the day (UTC) that a run is about: asked for, else of the logical date, else the day before."""
    run = context["dag_run"]
    asked = (context.get("params") or {}).get("cost_date") or (run.conf or {}).get("cost_date")
    if asked:
        return date.fromisoformat(str(asked)[:10])
    moment: datetime = run.logical_date or run.run_after - timedelta(days=1)
    return moment.astimezone(UTC).date()


def run_of(context: Context, day: date) -> Run:
    """Return the run of a task instance, about a cost day."""
    dag_run, ti, params = context["dag_run"], context["ti"], context.get("params") or {}
    return Run(
        cost_day=day,
        run_id=dag_run.run_id,
        run_type=str(getattr(dag_run.run_type, "value", dag_run.run_type)),
        started=_started(dag_run),
        now=now(),
        claimant=f"{ti.dag_id}/{dag_run.run_id}/{ti.task_id}/{ti.map_index}",
        is_first_try=ti.try_number <= 1,
        force=bool(params.get("force")),
        dry_run=bool(params.get("dry_run")),
    )


def load_settings(context: Context) -> Settings:
    """Return the settings with what this one run was triggered with."""
    given = context.get("params") or {}
    overrides = {where: given[name] for name, where in PARAM_OVERRIDES.items() if given.get(name) is not None}
    return settings_module.load(overrides=overrides)


def now() -> datetime:
    """Return the current moment, UTC."""
    return datetime.now(UTC)


def _started(dag_run: Any) -> datetime:
    """Return when a run began; ``dag.test`` says that it was at its logical date, which is not so."""
    began = dag_run.start_date
    return now() if began in {None, dag_run.logical_date, dag_run.run_after} else began.astimezone(UTC)
