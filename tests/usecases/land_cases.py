"""Bills and settings for the tests of landing."""

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from costspike.settings import Settings
from demo.world import World
from tests.usecases.pipeline import PROD, TODAY, Pipeline, with_settings

ONE_DAY = timedelta(days=1)
Over = Callable[..., Pipeline]


def reading(
    grain: str = "account_service", daily: str = "1.00", history: str = "2.00", **more: Any
) -> Settings:
    explorer = {"grain": grain, "daily_budget_usd": Decimal(daily), "history_budget_usd": Decimal(history)}
    return with_settings(cost_explorer=explorer, reading={"history_months": 1, **more})


def charge(
    day: date, kind: str, cost: str, *, amortized: str | None = None, account: str = PROD
) -> tuple[Any, ...]:
    return (
        day,
        account,
        "EC2",
        "USE1-x",
        "us-east-1",
        kind,
        cost,
        amortized or cost,
        None,
        "1",
        "Hrs",
        "USD",
    )


def fail_from(day: Pipeline, request: int) -> None:
    """Let Cost Explorer refuse every request from the given one on."""
    original = day.explorer_server.answer

    def answer(asked: Any, fault: Any) -> Any:
        if len(day.explorer_server.cost_requests) >= request:
            day.explorer_server.faults.push("error", code="ValidationException")
            fault = day.explorer_server.faults.take(day.explorer_server.method_of(asked))
        return original(asked, fault)

    day.explorer_server.answer = answer  # type: ignore[method-assign, assignment]


def fine_world(accounts: int = 2) -> World:
    rows = []
    for back in range(1, 40):
        day = TODAY - back * ONE_DAY
        for n in range(accounts):
            for meter, cost in (("USE1-BoxUsage", "10"), ("EUC1-BoxUsage", "5"), ("Requests", "1")):
                rows.append(
                    (day, f"{n:012d}", "EC2", meter, "", "Usage", cost, cost, None, "1", "Hrs", "USD")
                )
        rows.append(charge(day, "Tax", "2", account=f"{0:012d}"))
    return World.from_rows(rows, names={f"{n:012d}": f"account {n}" for n in range(accounts)}, today=TODAY)
