"""What can be set: one class a section of ``include/costspike.yaml``, frozen, with bounds and a description."""

from decimal import Decimal
from typing import Literal

from pydantic import Field

from costspike.domain.calendar_settings import CalendarSettings
from costspike.domain.dashboard import DashboardUrl
from costspike.domain.detection_settings import DetectionSettings
from costspike.domain.evidence.settings import EvidenceSettings
from costspike.domain.incident_settings import IncidentSettings
from costspike.domain.organisation import OrganisationSettings
from costspike.domain.prometheus_settings import PrometheusSettings
from costspike.domain.prometheus_source import PrometheusSourceSettings
from costspike.domain.reading import ReadingSettings
from costspike.domain.receivers import ReceiverSettings
from costspike.domain.routes import Route, Severity
from costspike.domain.sections import Section
from costspike.domain.severity import SeveritySettings


class ConnectionSettings(Section):
    """The Airflow connections. All endpoints and secrets come from them."""

    aws: str = Field("aws_default", description="AWS connection; it needs ce:GetCostAndUsage.")
    warehouse: str = Field("costspike_warehouse", description="Warehouse connection: duckdb or postgres.")
    anthropic: str = Field("anthropic_default", description="Anthropic connection.")
    slack_api: str = Field("slack_api_default", description="Slack connection with a bot token.")
    slack_webhook: str = Field(
        "slack_default",
        description="Slack incoming webhook, used when there is no bot token (at least once).",
    )
    prometheus: str = Field(
        "prometheus_default", description="Prometheus, optional: costs and verdicts are published to it."
    )
    metrics: str = Field(
        "costspike_metrics",
        description="Its password is the bearer token of /costspike/metrics, which is not there without one.",
    )


class CostExplorerSettings(Section):
    """How Cost Explorer is asked, and what that may cost."""

    grain: Literal["account_service", "account_service_usage_type", "auto"] = Field(
        "account_service",
        description="account_service: one request set; account_service_usage_type: one an account; "
        "auto: the finer one while it fits the daily budget.",
    )
    daily_budget_usd: Decimal = Field(
        Decimal("1.00"), ge=0, description="Dollars a UTC day for the daily reading."
    )
    history_budget_usd: Decimal = Field(
        Decimal("2.00"), ge=0, description="Dollars a UTC day for filling in history that is missing."
    )
    max_attempts: int = Field(5, ge=1, le=5, description="Tries a request, the first included.")
    max_wait_seconds: float = Field(
        30, ge=0, le=300, description="Longest Retry-After that is waited for inside the task."
    )
    timeout_seconds: float = Field(60, gt=0, le=600, description="Seconds to wait for an answer.")


class ChecksSettings(Section):
    """What landed data has to satisfy before it is judged."""

    tolerance: Decimal = Field(
        Decimal("0.01"),
        ge=0,
        description="Allowed difference between the groups and the total, a day and currency.",
    )


class ExplainSettings(Section):
    """How Claude is asked."""

    enabled: bool = Field(True, description="Ask Claude at all.")
    model: str = Field("claude-sonnet-5-5", min_length=1, description="Model id.")
    model_p1: str = Field(
        "claude-opus-5-5",
        description="Model id for P1; empty, or of another platform than model: the same model.",
    )
    effort: Literal["low", "medium", "high", "xhigh", "max"] = Field(
        "medium", description="Effort of the answer."
    )
    max_tokens: int = Field(8000, ge=500, le=21000, description="Ceiling of the answer, thinking included.")
    timeout_seconds: float = Field(120, gt=0, le=600, description="Seconds to wait for an answer.")
    attempts: int = Field(3, ge=1, le=10, description="Tries inside one task.")
    max_wait_seconds: float = Field(
        20, ge=0, le=300, description="Longest Retry-After that is waited for inside the task."
    )
    retries: int = Field(
        2, ge=0, le=20, description="Airflow retries of explain_spike, for what waiting can heal."
    )
    retry_delay_seconds: float = Field(60, ge=0, le=3600, description="Delay before the first of them.")
    daily_budget_usd: Decimal = Field(Decimal("5.00"), ge=0, description="Dollars a UTC day for Claude.")
    run_budget_usd: Decimal = Field(Decimal("3.00"), ge=0, description="Dollars a run for Claude.")
    prices: dict[str, tuple[Decimal, Decimal]] = Field(
        default_factory=dict,
        description="Dollars for a million tokens in and out of a model whose price is not published or not yours: "
        "{'eu.anthropic.claude-sonnet-5-5': [2.2, 11]}.",
    )
    ask_again: bool = Field(
        True, description="Ask once more, with the reasons, where too little of an answer could be verified."
    )
    follow_up: bool = Field(
        False,
        description="Let Claude look at more of the landed costs, three times at most, where it is not sure of a P1.",
    )
    redact: Literal["none", "accounts", "strict"] = Field(
        "none",
        description="What Claude does not get to see: accounts, or also ARNs, resource ids, addresses, users and tag "
        "values. People are shown the real names.",
    )
    in_backfill: bool = Field(False, description="Ask for spikes of a backfill, however old.")
    force: bool = Field(False, description="Ask again although there is an answer for the same facts.")
    batch: bool = Field(
        False,
        description="Ask for the spikes of a backfill in a Message Batch a run, with in_backfill: half the price, up "
        "to a day later. It needs a triggerer.",
    )
    batch_price_percent: Decimal = Field(
        Decimal(50), ge=0, le=100, description="What an answer of a batch costs, in percent of the price."
    )
    batch_poll_seconds: float = Field(60, ge=1, le=3600, description="Seconds between two looks at a batch.")
    batch_max_hours: float = Field(
        24,
        gt=0,
        le=24,
        description="A batch that is not done by then is cancelled; what is missing is asked for.",
    )

    def model_for(self, severity: str) -> str:
        """Return the model for a spike of a grade; a platform's own ids are not mixed with Anthropic's."""
        same_platform = self.model_p1.startswith("claude-") == self.model.startswith("claude-")
        return self.model_p1 if severity == "P1" and self.model_p1 and same_platform else self.model


class AlertsSettings(Section):
    """Where alerts go, and how many."""

    channel: str = Field(
        "#aws-costs", min_length=1, description="Slack channel; an id (C0123456789) saves a look-up."
    )
    routes: tuple[Route, ...] = Field(
        (),
        description="Other channels and calls of owners, the first that fits: a list of account, service, severity, "
        "tag (what an alert must be) and channel, mention (ids of users and groups).",
    )
    dashboard_url: DashboardUrl = Field(
        "",
        description="Link to your own dashboard (https); {service} and {account} are filled in, empty for all.",
    )
    least_full_severity: Severity = Field(
        "P2",
        description="Least severity of a full message; others are short, with the details in the thread.",
    )
    least_own_severity: Severity = Field(
        "P4", description="Least severity of a message of its own; others are in the digest only."
    )
    weekly_digest: Literal[
        "", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"
    ] = Field(
        "",
        description="Weekday (UTC) on which what is in the digest only is told; empty: with every run.",
    )
    max_items: int = Field(
        20, ge=1, le=200, description="Alerts of their own in a run; the rest goes into one digest."
    )
    max_age_days: int = Field(
        3,
        ge=0,
        le=60,
        description="Spikes older than this do not alert from a backfill, a restatement or a day that had no run.",
    )
    in_backfill: bool = Field(False, description="Alert for spikes of a backfill, however old.")
    redeliver_days: int = Field(
        7, ge=0, le=60, description="Undelivered alerts of these days are tried again."
    )
    timeout_seconds: int = Field(20, ge=1, le=120, description="Seconds to wait for Slack.")
    max_wait_seconds: float = Field(
        60, ge=0, le=600, description="Longest wait for another run that is sending."
    )
    preview_folder: str = Field(
        "", description="Folder of previews without Slack; empty: var/previews in the Airflow home."
    )
    heartbeat: bool = Field(False, description="Send one line a day that the pipeline is well.")
    failure_notice: bool = Field(
        True, description="Send one notice a day when a task failed or the data is too old."
    )
    heartbeat_channel: str = Field(
        "", description="Channel of heartbeat and failure notice; empty: alerts.channel."
    )
    max_data_age_hours: int = Field(
        36,
        ge=12,
        le=240,
        description="Data that is older is a failure, and no heartbeat says that all is well.",
    )
    receivers: tuple[ReceiverSettings, ...] = Field(
        (),
        description="Who else gets an alert that Slack has: a list of kind (pagerduty, opsgenie, email, teams), "
        "connection, min_severity (P4) and, for email, to.",
    )
    plan_margin_percent: Decimal = Field(
        Decimal(20),
        ge=0,
        le=1000,
        description="How far a rise may exceed a planned change before it alerts: its dollars, and its scope.",
    )


class TasksSettings(Section):
    """Retries and time limits of the tasks."""

    retries: int = Field(3, ge=0, le=20, description="Airflow retries of a task.")
    retry_delay_seconds: float = Field(
        300, ge=0, le=86400, description="Delay before the first retry; it doubles."
    )
    max_retry_delay_seconds: float = Field(3600, ge=0, le=86400, description="Longest delay between retries.")
    timeout_minutes: float = Field(60, gt=0, le=1440, description="Time limit of a task.")
    warehouse_wait_seconds: float = Field(
        60, ge=0, le=3600, description="How long a locked DuckDB file is waited for."
    )


class Settings(Section):
    """Everything that can be set, frozen."""

    connections: ConnectionSettings = Field(default_factory=ConnectionSettings)
    organisation: OrganisationSettings = Field(default_factory=OrganisationSettings)
    cost_explorer: CostExplorerSettings = Field(default_factory=CostExplorerSettings)
    reading: ReadingSettings = Field(default_factory=ReadingSettings)
    checks: ChecksSettings = Field(default_factory=ChecksSettings)
    detection: DetectionSettings = Field(default_factory=DetectionSettings)
    incidents: IncidentSettings = Field(default_factory=IncidentSettings)
    severity: SeveritySettings = Field(default_factory=SeveritySettings)
    evidence: EvidenceSettings = Field(default_factory=EvidenceSettings)
    explain: ExplainSettings = Field(default_factory=ExplainSettings)
    alerts: AlertsSettings = Field(default_factory=AlertsSettings)
    prometheus: PrometheusSettings = Field(default_factory=PrometheusSettings)
    prometheus_source: PrometheusSourceSettings = Field(default_factory=PrometheusSourceSettings)
    tasks: TasksSettings = Field(default_factory=TasksSettings)
    calendar: CalendarSettings = Field(default_factory=CalendarSettings)
