"""The demo's bill: usage with a week, growth and noise, in which the incidents are planted."""

import zlib
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from demo.bill import CostRow
from demo.catalogue import ACCOUNTS, GLOBAL, ITEMS, PREFIXES, Account, Item
from demo.charges import other_charges
from demo.incidents import Incident
from demo.months import months_later

HISTORY_MONTHS = 13
SEED = 20_261
# A day's noise depends on its date alone: the bill reads the same when the demo is started again tomorrow.
EPOCH = date(2024, 1, 1)
GROWTH_A_YEAR = 1.22
NET_SHARE = Decimal("0.94")
STEP = Decimal("1e-10")
MOVED_FROM = "BoxUsage:m5.xlarge"

Floats = NDArray[np.float64]


class Series(NamedTuple):
    """One usage type of one account in one region, with what it costs at the epoch."""

    account: Account
    item: Item
    region: str
    usd: float

    @property
    def usage_type(self) -> str:
        """Return the usage type with the prefix of its region."""
        return f"{PREFIXES[self.region]}{self.item.usage_type}"


def demo_rows(today: date, incidents: Sequence[Incident]) -> Iterator[CostRow]:
    """Yield the bill of the days before ``today``, back to the first day of the month 13 months ago."""
    first = months_later(today.replace(day=1), -HISTORY_MONTHS)
    days = [first + timedelta(days=n) for n in range((today - first).days)]
    for one in all_series():
        yield from _usage(one, days, incidents)
    for incident in incidents:
        yield from _new_usage(incident)
    yield from other_charges(days, today)


def all_series() -> list[Series]:
    """Return every series that runs all the time."""
    found: list[Series] = []
    for account in ACCOUNTS:
        for item in ITEMS:
            size = account.work.get(item.kind, 0.0) * item.usd
            regions = {GLOBAL: 1.0} if item.kind == "edge" else account.regions
            found += [
                Series(account, item, region, size * share) for region, share in regions.items() if size
            ]
    return found


def usage_row(day: date, series: Series, usd: Decimal, *, usage_type: str = "") -> CostRow:
    """Return a row of plain usage: it costs the same on either basis, and less after discounts."""
    return CostRow(
        day=day,
        account_id=series.account.id,
        service=series.item.service,
        usage_type=usage_type or series.usage_type,
        region=series.region,
        record_type="Usage",
        unblended=usd,
        amortized=usd,
        net_amortized=(usd * NET_SHARE).quantize(STEP),
        quantity=(usd / Decimal(str(series.item.price))).quantize(STEP),
        unit=series.item.unit,
        currency="USD",
    )


def _usage(series: Series, days: Sequence[date], incidents: Sequence[Incident]) -> Iterator[CostRow]:
    amounts = _amounts(series, days)
    mine = [i for i in incidents if _matches(i, series)]
    moved = [i for i in incidents if _moves(i, series)]
    for day, amount in zip(days, amounts, strict=True):
        usd = Decimal(f"{amount:.10f}") + sum(i.usd_per_day for i in mine if i.covers(day))
        new_name = next((i.usage_type for i in moved if i.covers(day)), "")
        yield usage_row(day, series, usd, usage_type=new_name)


def _amounts(series: Series, days: Sequence[date]) -> Floats:
    """Return what a series costs on each day: size, growth, week and noise multiplied."""
    name = f"{series.account.id}|{series.item.service}|{series.usage_type}"
    random = np.random.default_rng([SEED, zlib.crc32(name.encode())])
    age = np.array([(day - EPOCH).days for day in days])
    noise = random.standard_normal(int(age[-1]) + 1)[age]
    week = np.array([series.account.week[day.weekday()] for day in days])
    pull = series.item.pull
    level = series.usd * GROWTH_A_YEAR ** (age / 365)
    amounts: Floats = level * (1 - pull + pull * week) * np.exp((0.006 + 0.03 * pull) * noise)
    return amounts


def _matches(incident: Incident, series: Series) -> bool:
    return (incident.account_id, incident.usage_type) == (series.account.id, series.usage_type) and (
        incident.service == series.item.service
    )


def _moves(incident: Incident, series: Series) -> bool:
    """Return whether a series runs under another usage type while the incident goes on."""
    here = (incident.account_id, incident.region) == (series.account.id, series.region)
    return not incident.usd_per_day and here and series.item.usage_type == MOVED_FROM


def _new_usage(incident: Incident) -> Iterator[CostRow]:
    """Yield the rows of an incident whose usage type exists only while it goes on."""
    if not incident.usd_per_day or any(_matches(incident, series) for series in all_series()):
        return
    account = next(a for a in ACCOUNTS if a.id == incident.account_id)
    name = incident.usage_type.removeprefix(PREFIXES[incident.region])
    item = Item("", incident.service, name, "Hrs", 5.672, float(incident.usd_per_day), 0.0)
    for offset in range((incident.last_day - incident.first_day).days + 1):
        day = incident.first_day + timedelta(days=offset)
        yield usage_row(day, Series(account, item, incident.region, item.usd), incident.usd_per_day)
