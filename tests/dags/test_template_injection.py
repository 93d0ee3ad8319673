"""Names from a bill and words of a model are data: no Jinja in them is ever rendered, nowhere."""

import json
from typing import Any

import pytest

from demo.servers.claude_sandbox import sandbox_answer
from tests.dags.airflow_process import AirflowProcess, Run
from tests.dags.outside_world import AWS_SECRET, CLAUDE_KEY, DAY, DEV, TOKEN, Outside, usage, yesterday

pytestmark = pytest.mark.enable_socket

POISONS = (
    "{{ conn.slack_api_default.password }}",
    "{{ 'jinja' ~ 'ran' }}",
    "{% set x = 'jinja' ~ 'ran' %}{{ x }}",
    "{{ var.value.get('x', 'jinja' ~ 'ran') }}",
)
SEEN_IF_RENDERED = ("jinjaran", TOKEN, AWS_SECRET, CLAUDE_KEY)


def poison_bill(outside: Outside) -> None:
    """Let every name of the bill hold Jinja: services, usage types, and an account's own name."""
    services = [f"Evil {poison}" for poison in POISONS]
    for back in range(45):
        day, cost = yesterday() - DAY * back, "300" if back == 0 else "40"
        outside.add(*(usage(day, cost, account=DEV, service=service) for service in services))
    outside.explorer.world.names[DEV] = f"dev {POISONS[0]}"


def poisoned_answer(body: dict[str, Any]) -> dict[str, Any]:
    answer = sandbox_answer(body)
    poison = " ".join(POISONS)
    answer["root_cause"] += f" {poison}"
    answer["prevention"] = poison
    answer["severity_reason"] = poison
    answer["recommendations"][0] = {
        "action": poison,
        "console_path": poison,
        "cli": f"aws s3 ls {POISONS[0]}",
    }
    return answer


def everything_told(run: Run, outside: Outside) -> dict[str, str]:
    """Return all that people or other systems get to see of a run."""
    return {
        "messages": json.dumps(outside.slack.messages(), ensure_ascii=False),
        "labels": " ".join(run.labels("explain_spike") + run.labels("send_alert")),
        "xcoms": json.dumps(run.xcoms),
        "log": run.log,
        "prompts": json.dumps(outside.claude.prompts),
        "previews": " ".join(page.read_text(encoding="utf-8") for page in outside.previews.glob("*.html")),
    }


def check_nothing_was_rendered(run: Run, outside: Outside) -> None:
    for where, text in everything_told(run, outside).items():
        for secret in SEEN_IF_RENDERED:
            assert secret not in text, f"{secret!r} in {where}"


def test_jinja_in_names_and_answers_is_never_rendered(airflow: AirflowProcess, outside: Outside) -> None:
    poison_bill(outside)
    outside.claude.reply = poisoned_answer
    run = airflow.run(outside.env, yesterday())
    assert run.state == "success", run.errors
    assert len(outside.texts) == len(POISONS)
    assert outside.claude.billed == len(POISONS)
    check_nothing_was_rendered(run, outside)
    assert any("'jinja' ~" in label for label in run.labels("send_alert"))
    assert any("Evil" in text for text in outside.texts)


def test_jinja_is_never_rendered_into_a_preview(airflow: AirflowProcess, outside: Outside) -> None:
    poison_bill(outside)
    outside.claude.reply = poisoned_answer
    run = airflow.run(outside.env_without("slack_api_default"), yesterday())
    assert {told["state"] for told in run.returned("send_alert")} == {"previewed"}
    check_nothing_was_rendered(run, outside)


def test_jinja_in_a_digest_is_never_rendered(airflow: AirflowProcess, outside: Outside) -> None:
    poison_bill(outside)
    run = airflow.run(outside.env | {"COSTSPIKE__ALERTS__MAX_ITEMS": "1"}, yesterday())
    assert run.state == "success", run.errors
    assert len(outside.texts) == 2
    check_nothing_was_rendered(run, outside)


def test_jinja_in_an_error_is_never_rendered(airflow: AirflowProcess, outside: Outside) -> None:
    outside.explorer.faults.push("error", code="ValidationException", message=POISONS[1])
    run = airflow.run(outside.env, yesterday())
    assert "'jinja' ~ 'ran'" in run.errors
    check_nothing_was_rendered(run, outside)
