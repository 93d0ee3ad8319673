"""How much is published to Prometheus and asked of it, and how patiently."""

from pydantic import Field

from costspike.domain.sections import Section


class PrometheusSettings(Section):
    """What is published to Prometheus and asked of it; both are off without the connection."""

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
    evidence: bool = Field(
        default=True, description="Ask Prometheus what the workloads behind a spike did, for the explanation."
    )
    evidence_folder: str = Field(
        default="", description="Folder with workload queries of your own, besides include/workload_queries."
    )
    evidence_max_queries: int = Field(default=25, ge=1, le=100, description="Workload queries a spike.")
    evidence_max_series: int = Field(
        default=2000, ge=1, le=10000, description="A workload query with more series is not asked."
    )
    evidence_max_seconds: float = Field(
        default=60, gt=0, le=600, description="Seconds for all workload queries of a spike."
    )
