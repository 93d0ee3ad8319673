"""The catalogue of workload queries: which to ask for which service, read from mappings and checked whole."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from costspike.domain.errors import SettingsError
from costspike.domain.promql import is_label_name
from costspike.domain.server_settings import duration

# A row of the fact sheet shows the expression whole, and the prompt cuts every text there.
LONGEST_EXPRESSION = 200
# What a row says beside its labels, and what would make a label's value pass for an amount.
ROW_KEYS = frozenset(
    {
        "query_id",
        "unit",
        "before_mean",
        "day_mean",
        "before_max",
        "day_max",
        "change",
        "change_percent",
        "onset_utc",
        "query",
        "note",
        "id",
        "label",
        "account_id",
    }
)
_TAKEN_ENDINGS = ("_cost", "_percent")
_SHORTEST_STEP = timedelta(minutes=1)
_LONGEST_STEP = timedelta(hours=12)

Aggregate = Literal["mean0", "mean", "max"]
Name = Annotated[str, Field(min_length=1, max_length=100)]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class WorkloadQuery(_Part):
    """One question: an instant vector over time, of which only the listed labels leave Prometheus."""

    id: Name
    title: Name
    unit: Name
    expr: str = Field(min_length=1, max_length=LONGEST_EXPRESSION)
    labels: tuple[str, ...]
    agg: Aggregate = "mean0"
    step: timedelta = timedelta(minutes=15)
    baseline_days: int = Field(7, ge=1, le=28)
    max_rows: int = Field(5, ge=1, le=20)

    @field_validator("step", mode="before")
    @classmethod
    def _prometheus_duration(cls, value: object) -> object:
        step = duration(value) if isinstance(value, str) else value
        if not isinstance(step, timedelta) or not _SHORTEST_STEP <= step <= _LONGEST_STEP or _DAY % step:
            msg = "expected a part of a day from 60s to 12h, such as 900s"
            raise ValueError(msg)
        return step

    @field_validator("expr")
    @classmethod
    def _one_line(cls, value: str) -> str:
        if "\n" in value or "#" in value:
            msg = "expected one line without a comment"
            raise ValueError(msg)
        return value

    @field_validator("labels")
    @classmethod
    def _names(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        wrong = [
            name
            for name in value
            if not is_label_name(name) or name in ROW_KEYS or name.endswith(_TAKEN_ENDINGS)
        ]
        if wrong:
            msg = f"{wrong} cannot be shown; rename them with label_replace"
            raise ValueError(msg)
        return value


class _Alias(_Part):
    same_as: str


class _File(_Part):
    version: Literal[1]
    defaults: dict[str, object] = Field(default_factory=dict)
    always: list[dict[str, object]] = Field(default_factory=list)
    services: dict[str, list[dict[str, object]] | _Alias] = Field(default_factory=dict)


_DAY = timedelta(days=1)
_ALWAYS = ""


class Catalogue:
    """The queries by service."""

    def __init__(
        self, queries: Mapping[str, Sequence[WorkloadQuery]], aliases: Mapping[str, str] | None = None
    ) -> None:
        self._queries = queries
        self._aliases = aliases or {}

    def for_services(self, services: Iterable[str]) -> list[WorkloadQuery]:
        """Return the queries of some services in their order, then those for every spike, each once."""
        asked = [self._aliases.get(service, service) for service in services]
        own = [query for service in [*asked, _ALWAYS] for query in self._queries.get(service, ())]
        return list({query.id: query for query in own}.values())

    @property
    def every(self) -> list[WorkloadQuery]:
        """Return every query once."""
        return list({query.id: query for own in self._queries.values() for query in own}.values())


def catalogue(files: Iterable[tuple[str, object]]) -> Catalogue:
    """Return the catalogue of files, given as (name, what YAML made of it); later ones win by id.

    Raises:
        SettingsError: all problems of all files at once.
    """
    queries: dict[str, dict[str, WorkloadQuery]] = {}
    aliases: dict[str, str] = {}
    problems: list[str] = []
    for name, loaded in files:
        try:
            file = _File.model_validate(loaded)
        except ValidationError as error:
            problems += _told(name, error)
            continue
        for service, own in {_ALWAYS: file.always, **file.services}.items():
            if isinstance(own, _Alias):
                aliases[service] = own.same_as
            else:
                _add(
                    queries.setdefault(service, {}),
                    own,
                    file.defaults,
                    f"{name}, {service or 'always'}",
                    problems,
                )
    problems += [
        f"{service}: same_as {to!r} names no service" for service, to in aliases.items() if to not in queries
    ]
    if problems:
        msg = f"the workload queries have {len(problems)} problem(s):\n- " + "\n- ".join(problems)
        raise SettingsError(msg)
    return Catalogue({service: list(own.values()) for service, own in queries.items()}, aliases)


def _add(
    known: dict[str, WorkloadQuery],
    entries: Iterable[Mapping[str, object]],
    defaults: Mapping[str, object],
    where: str,
    problems: list[str],
) -> None:
    for entry in entries:
        try:
            query = WorkloadQuery.model_validate({**defaults, **entry})
        except ValidationError as error:
            problems += _told(f"{where}, {entry.get('id', '?')}", error)
        else:
            known[query.id] = query


def _told(where: str, error: ValidationError) -> list[str]:
    return [
        f"{where}: {'.'.join(str(part) for part in detail['loc'])}: {detail['msg']}"
        for detail in error.errors()
    ]
