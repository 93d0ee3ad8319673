"""The back-test: what would have been alerted on the days that are landed, with which settings."""

from __future__ import annotations

from typing import Any

from airflow.sdk import task

from costspike import trigger_form
from costspike.manual_dag import manual_dag

DOC = """
### Triage notes

- Nothing depends on this DAG: it only reads the warehouse and writes a page, and can fail or be cleared at any time.
- **"the warehouse has no usage"**: run or backfill `aws_cost_spikes` first; a verdict needs two weeks of history.

Trigger it with the form. The page is written to `var/backtest` in the Airflow home of the worker; its path is in
the log and the task's result, beside the same tables as text, and beside why the rises of a day were not alerted
if the form asks. How to read it: `docs/backtest.md`.
"""


@manual_dag(params=trigger_form.BACK_TEST, doc_md=DOC, tags=["costs", "finops"])
def aws_cost_spikes_backtest() -> None:
    """Wire the one task. It takes no pool: it holds the warehouse only while it reads, and that can wait."""

    @task(multiple_outputs=False)
    def back_test() -> dict[str, Any]:
        from costspike.adapters.backtest_style import stylesheet
        from costspike.adapters.previews import write_page
        from costspike.rendering.backtest_page import backtest_page
        from costspike.run_context import refuse_unknown_params
        from costspike.usecases.back_test import back_test as replay
        from costspike.usecases.back_test import question_of, summary_of
        from costspike.usecases.why_not import asked_why_not
        from costspike.wiring import airflow_home, task_wiring

        with task_wiring() as to:
            refuse_unknown_params(to.context)
            newest = to.tables.newest_day(to.day)
            question = question_of(to.context["params"], newest and newest[0], to.day)
            tests = replay(question, to.settings.detection, to.tables, to.settings.incidents)
            page = backtest_page(tests, css=stylesheet(), names=to.tables.account_names(question.first))
            path = write_page(airflow_home() / "var" / "backtest", question.name, page)
            why = asked_why_not(to.context["params"], to.settings.detection, to.tables)
            return {"page": str(path), "outcomes": summary_of(tests)} | ({"why_not": why} if why else {})

    back_test()


aws_cost_spikes_backtest()
