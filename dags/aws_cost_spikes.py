"""The daily run: land the costs of a day, judge it, explain its spikes, and tell Slack."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from airflow.providers.standard.operators.empty import EmptyOperator
from airflow.sdk import (
    CronDataIntervalTimetable,
    TriggerRule,
    dag,
    get_current_context,
    task,
    task_group,
)

from costspike import pools, trigger_form
from costspike import settings as settings_module

SETTINGS = settings_module.load()
TASKS = SETTINGS.tasks

DOC = """
### Triage notes

- **land_costs retries or fails with "has no data"**: Cost Explorer is late. Harmless for a day; clear the task later.
- **land_costs or check_costs fails otherwise**: the message names the row, connection or permission. Nothing was
  deleted, nothing was alerted. Fix it, then clear the task with its downstream.
- **check_explanations is red**: the alerts went out without Claude's part. Clear `explain_spike` when the cause is
  gone.
- **send_alert is red**: the alert is kept in `spike_alerts` and goes out with the next try or the next run, once.
- **publish_metrics is red**: Prometheus did not take what the message names; alerts are not affected. The next run
  publishes what is missing. It is skipped without a connection to Prometheus.
- **notify_receivers is red**: Slack has the alerts, another receiver lacks one; the text says which and why.
- **report_drops is red**: costs fell and Slack was not told; the next run does it. Alerts are not affected.
- **report_health is red**: nobody could be told how the pipeline is; the text says why.
- Every task can be cleared at any time, alone or with its downstream: no alert is sent twice, no answer is paid twice.

A run is about one **cost day** (UTC): the param `cost_date`, else the date of the logical date, else the day
before the run. The scheduled run for a day starts at 09:00 UTC of the next one.
Backfills land and judge every day, and alert only for days younger than `alerts.max_age_days`, unless asked.
"""


@dag(
    schedule=CronDataIntervalTimetable("0 9 * * *", timezone="UTC"),
    start_date=datetime(2025, 1, 1, tzinfo=UTC),
    catchup=False,
    max_active_runs=1,
    params=trigger_form.DAILY,
    doc_md=DOC,
    tags=["costs", "finops", "alerts"],
    default_args={
        "owner": "finops",
        "retries": TASKS.retries,
        "retry_delay": timedelta(seconds=TASKS.retry_delay_seconds),
        "retry_exponential_backoff": 2.0,
        "max_retry_delay": timedelta(seconds=TASKS.max_retry_delay_seconds),
        "execution_timeout": timedelta(minutes=TASKS.timeout_minutes),
    },
)
def aws_cost_spikes() -> None:
    """Wire the tasks; each body makes its adapters, calls one use case and returns small plain data.

    ``multiple_outputs`` is off: else Airflow takes a dict apart and stores each key as an XCom of its own.
    """

    @task(pool=pools.WAREHOUSE, multiple_outputs=False)
    def land_costs() -> dict[str, Any]:
        from costspike.landing import land
        from costspike.wiring import task_wiring

        with task_wiring() as to:
            return {"cost_day": to.day.isoformat(), **land(to).as_dict()}

    @task(pool=pools.WAREHOUSE)
    def check_costs(landed: dict[str, Any]) -> list[str]:
        from costspike.usecases.check_costs import check_costs as check
        from costspike.wiring import task_wiring

        with task_wiring(landed["cost_day"]) as to:
            return check(to.run, to.settings, to.tables)

    @task(pool=pools.WAREHOUSE)
    def detect_spikes(landed: dict[str, Any]) -> list[dict[str, Any]]:
        from datetime import date

        from costspike.health_wiring import telling
        from costspike.usecases.detect_spikes import detect_spikes as detect
        from costspike.usecases.notify_receivers import register_receivers
        from costspike.wiring import task_wiring

        with task_wiring(landed["cost_day"]) as to:
            if to.settings.alerts.receivers:
                register_receivers(to.run, to.settings.alerts.receivers, telling(to))
            restated = [date.fromisoformat(day) for day in landed["restated_days"]]
            return detect(to.run, to.settings, to.tables, to.spikes, restated)

    @task(
        pool=pools.CLAUDE,
        multiple_outputs=False,
        map_index_template="{{ label }}",
        # What a batch does not answer is asked for one by one, whatever became of it.
        trigger_rule=TriggerRule.ALL_DONE if SETTINGS.explain.batch else TriggerRule.ALL_SUCCESS,
        retries=SETTINGS.explain.retries,
        retry_delay=timedelta(seconds=SETTINGS.explain.retry_delay_seconds),
    )
    def explain_spike(item: dict[str, Any], landed: dict[str, Any]) -> dict[str, Any]:
        from costspike.usecases.explain_spike import explain_spike as explain
        from costspike.usecases.spike_case import load_case
        from costspike.wiring import task_wiring

        get_current_context()["label"] = item["label"]
        if not item["explain"]:
            return {"message_key": item["message_key"], "explained": False, "reason": "not asked"}
        with task_wiring(landed["cost_day"]) as to:
            case = load_case(item["spike_ids"][0], to.settings, to.tables, to.spikes)
            return {"message_key": item["message_key"], **explain(to.run, to.settings, case, to.asking)}

    @task(
        pool=pools.SLACK,
        multiple_outputs=False,
        map_index_template="{{ label }}",
        trigger_rule=TriggerRule.ALL_DONE,
    )
    def send_alert(item: dict[str, Any], landed: dict[str, Any]) -> dict[str, Any]:
        from costspike.usecases.render_alert import render_alert
        from costspike.usecases.send_alert import send_alert as send
        from costspike.wiring import delivery_of, task_wiring

        get_current_context()["label"] = item["label"]
        if not item["alert"]:
            return {"state": "not_asked", "message_key": item["message_key"]}
        with task_wiring(landed["cost_day"]) as to:
            return send(
                to.run,
                to.settings,
                delivery_of(item),
                lambda delivery, ids: render_alert(delivery, ids, to.settings, to.sources(), to.day),
                to.sending,
            )

    @task
    def check_explanations(items: list[dict[str, Any]]) -> int:
        from costspike.usecases.check_explanations import check_explanations as check
        from costspike.wiring import task_wiring

        with task_wiring() as to:
            return check(list(items), to.results_of("explain_spike", len(items)))

    @task(
        pool=pools.PROMETHEUS,
        multiple_outputs=False,
        trigger_rule=TriggerRule.ALL_DONE,
        retries=SETTINGS.prometheus.retries,
        retry_delay=timedelta(seconds=SETTINGS.prometheus.retry_delay_seconds),
    )
    def publish_metrics() -> dict[str, Any]:
        from costspike.prometheus_connection import publishing
        from costspike.usecases.publish_metrics import publish_metrics as publish
        from costspike.wiring import task_wiring

        with task_wiring() as to, publishing(to.settings, to.database) as sides:
            return publish(to.run, to.settings, sides).as_dict()

    @task(pool=pools.WAREHOUSE, multiple_outputs=False, trigger_rule=TriggerRule.ALL_DONE)
    def record_run() -> dict[str, Any]:
        from costspike.usecases.record_run import record_run as record
        from costspike.wiring import task_wiring

        with task_wiring() as to:
            return record(to.run, to.spending, states=to.task_states(), source=to.tables.source).as_plain()

    @task(pool=pools.SLACK, multiple_outputs=False, trigger_rule=TriggerRule.ALL_DONE)
    def notify_receivers() -> dict[str, int]:
        from costspike.health_wiring import telling
        from costspike.usecases.notify_receivers import notify_receivers as notify
        from costspike.wiring import task_wiring

        with task_wiring() as to:
            own = to.settings.alerts
            return notify(to.run, own.receivers, telling(to), redeliver_days=own.redeliver_days)

    @task(pool=pools.SLACK, multiple_outputs=False)
    def report_drops(landed: dict[str, Any]) -> dict[str, int]:
        from costspike.health_wiring import dropping
        from costspike.usecases.report_drops import report_drops as report
        from costspike.wiring import task_wiring

        with task_wiring(landed["cost_day"]) as to:
            return report(to.run, to.settings, dropping(to))

    @task(pool=pools.SLACK, multiple_outputs=False, trigger_rule=TriggerRule.ALL_DONE)
    def report_health() -> dict[str, Any]:
        from costspike.health_wiring import reporting
        from costspike.usecases.report_health import report_health as report
        from costspike.wiring import task_wiring

        with task_wiring() as to:
            return report(to.run, to.settings, reporting(to))

    @task_group(prefix_group_id=False)
    def spike(item: dict[str, Any], landed: dict[str, Any]) -> None:
        explain_spike(item, landed) >> send_alert(item, landed)

    landed = land_costs()
    checked, items = check_costs(landed), detect_spikes(landed)
    spikes = spike.partial(landed=landed).expand(item=items)
    checked >> items
    if SETTINGS.explain.batch:
        from costspike.batch_operator import ExplainBatchOperator

        delay = timedelta(seconds=SETTINGS.explain.retry_delay_seconds)
        batch = ExplainBatchOperator(pool=pools.CLAUDE, retries=SETTINGS.explain.retries, retry_delay=delay)
        items >> batch >> spikes
    explained, published = check_explanations(items), publish_metrics()
    recorded, reported = record_run(), report_health()
    spikes >> [explained, published]
    [landed, checked, items, spikes, explained, published] >> recorded
    recorded >> reported
    finish = EmptyOperator(task_id="finish", trigger_rule=TriggerRule.NONE_FAILED)
    if SETTINGS.alerts.receivers:
        notified = notify_receivers()
        spikes >> notified >> [recorded, finish]
    if SETTINGS.detection.drops:
        fallen = report_drops(landed)
        checked >> fallen >> [recorded, finish]
    # record_run and report_health always run; this leaf is what keeps them from turning a failed run green.
    # No worker runs it.
    [explained, published, recorded, reported] >> finish


aws_cost_spikes()
