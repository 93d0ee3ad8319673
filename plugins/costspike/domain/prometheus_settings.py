"""How much is published to Prometheus, and how patiently."""

from pydantic import Field

from costspike.domain.sections import Section


class PrometheusSettings(Section):
    """What is published to Prometheus; it is off without the connection."""

    publish: bool = Field(
        default=True, description="Publish costs and verdicts where there is a Prometheus connection."
    )
    publish_days: int = Field(
        default=430,
        ge=1,
        le=1100,
        description="Days before today that are compared with the server and published where they differ; "
        "430 are the longest history.",
    )
    max_series: int = Field(
        default=500,
        ge=1,
        le=5000,
        description="Cost series a day, largest first; the rest is summed up as the service other.",
    )
    zero_days: int = Field(
        default=30,
        ge=0,
        le=400,
        description="Days after its last cost in which a series is published as 0.",
    )
    timeout_seconds: float = Field(default=20, gt=0, le=300, description="Seconds to wait for an answer.")
    read_back_seconds: float = Field(
        default=30,
        ge=0,
        le=600,
        description="How long what was written may take until it can be read; most servers need none.",
    )
    retries: int = Field(default=2, ge=0, le=20, description="Airflow retries of publish_metrics.")
    retry_delay_seconds: float = Field(
        default=60, ge=0, le=3600, description="Delay before the first of them."
    )
