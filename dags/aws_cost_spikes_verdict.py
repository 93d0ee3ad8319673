"""What a person says of an incident, kept beside it: was it real, planned, or nothing at all."""

from __future__ import annotations

from typing import Any

from airflow.sdk import Param, task

from costspike import pools
from costspike.domain.human_verdicts import MAX_NOTE, VerdictWord
from costspike.manual_dag import manual_dag

DOC = """
### Triage notes

- Nothing depends on this DAG. Trigger it with the form; whoever triggers it gives the verdict.
- **"there is no incident"**: take the id from the last line of the message in Slack.

The last verdict on an incident counts. Claude reads it, and the note, when the same part of the bill rises again.
"""


@manual_dag(
    params={
        "incident": Param(
            type="string",
            minLength=1,
            maxLength=64,
            description="Id of the incident, or of one of its spikes.",
        ),
        "verdict": Param(
            type="string",
            enum=list(map(str, VerdictWord)),
            description="anomaly: it should not have been; planned_activity: it was meant; false_positive: it is "
            "nothing to alert for.",
        ),
        "note": Param("", type="string", maxLength=MAX_NOTE, description="Why, in a sentence."),
    },
    doc_md=DOC,
    tags=["costs", "finops"],
)
def aws_cost_spikes_verdict() -> None:
    """Wire the one task. It is given at the moment of the trigger: a task that is cleared gives it once."""

    @task(pool=pools.WAREHOUSE, multiple_outputs=False)
    def give_verdict() -> dict[str, Any]:
        from costspike.adapters.warehouse.human_verdicts import HumanVerdicts
        from costspike.run_context import refuse_unknown_params
        from costspike.usecases.give_verdict import give_verdict as give
        from costspike.wiring import task_wiring

        with task_wiring() as to:
            refuse_unknown_params(to.context)
            params, run = to.context["params"], to.context["dag_run"]
            given = give(
                params["incident"],
                params["verdict"],
                note=params["note"],
                given_by=run.triggering_user_name or "",
                given_at=run.run_after,
                verdicts=HumanVerdicts(to.database),
            )
            return {"incident_id": given.incident_id, "verdict": given.verdict.value}

    give_verdict()


aws_cost_spikes_verdict()
