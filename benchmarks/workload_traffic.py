"""What applications, people and jobs do hour by hour: the traffic from which a bill of another family is made."""

from datetime import timedelta
from typing import Final

import numpy as np

from benchmarks.organisation import DAYS, FIRST_DAY, Floats

HOURS: Final = 24 * DAYS

_HOLIDAYS: Final = ((1, 1), (5, 1), (7, 4), (12, 24), (12, 25), (12, 26), (12, 31))
_DATES: Final = [FIRST_DAY + timedelta(days=column) for column in range(DAYS)]
WEEKEND: Final = np.array([date.weekday() >= 5 for date in _DATES])
HOLIDAY: Final = np.array([(date.month, date.day) in _HOLIDAYS for date in _DATES])


def traffic(random: np.random.Generator) -> Floats:
    """Return the requests an hour of one application, around 1.

    A day and a week have their shapes; a level drifts over weeks; crowds come suddenly, by a heavy tail of sizes,
    and leave within hours; the rest is noise.
    """
    hour = np.arange(HOURS)
    phase, depth = random.uniform(0, 24), random.uniform(0.1, 0.85)
    angle = 2 * np.pi * (hour - phase) / 24
    daily = 1 + depth * (0.8 * np.cos(angle) + 0.2 * np.cos(2 * angle))
    quiet = random.choice([-0.25, 0.0, 0.15, 0.35, 0.6])
    weekly = np.repeat(np.where(WEEKEND, 1 - quiet, 1.0) * np.where(HOLIDAY, 1 - 0.8 * abs(quiet), 1.0), 24)
    level = np.repeat(drift(random, random.uniform(0.01, 0.12), 45) * _growth(random), 24)
    noise = random.gamma(40, 1 / 40, HOURS)
    return np.asarray(daily * weekly * level * noise * (1 + _crowds(random)))


def drift(random: np.random.Generator, sigma: float, memory_days: float) -> Floats:
    """Return a level by day that wanders around 1 and comes back within ``memory_days``."""
    keep = np.exp(-1 / memory_days)
    shocks = random.normal(0, sigma * np.sqrt(1 - keep**2), DAYS)
    value, found = random.normal(0, sigma), np.zeros(DAYS)
    for at in range(DAYS):
        value = keep * value + shocks[at]
        found[at] = value
    return np.exp(found)


def deployments(random: np.random.Generator, size: float) -> Floats:
    """Return what a unit of traffic costs by day: each release makes it a little dearer or cheaper, for good."""
    factor = np.ones(DAYS)
    for start in np.cumsum(random.exponential(random.uniform(14, 50), 60)).astype(int):
        if start < DAYS:
            factor[start:] *= np.exp(random.normal(0, size))
    return factor


def by_day(hourly: Floats) -> Floats:
    """Return the sums of the days."""
    return np.asarray(hourly.reshape(DAYS, 24).sum(axis=1))


def fleet(random: np.random.Generator, hourly: Floats) -> Floats:
    """Return the instances that an autoscaling group runs in each hour: whole ones, a least number, slow to leave."""
    capacity = float(np.quantile(hourly, 0.98)) / random.integers(3, 40)
    wanted = np.ceil(hourly / capacity * np.repeat(deployments(random, 0.03), 24))
    least = np.ceil(random.uniform(0.1, 0.6) * np.median(wanted))
    recent = np.max([np.roll(wanted, hours) for hours in range(3)], axis=0)
    return np.asarray(np.maximum(recent, least))


def office(random: np.random.Generator) -> Floats:
    """Return the hours a day that people leave machines on: working days, few of them at night."""
    people = random.integers(2, 15)
    works = ~(WEEKEND | HOLIDAY)
    on = random.binomial(people, np.where(works, random.uniform(0.5, 0.9), random.uniform(0.0, 0.08)))
    return np.asarray(on * random.uniform(7, 11) * random.gamma(60, 1 / 60, DAYS))


def jobs(random: np.random.Generator) -> Floats:
    """Return what a job costs by day: every night, once a week, now and then, or for some days in a row."""
    width = random.uniform(0.08, 0.5)
    size = random.lognormal(0, width, DAYS)
    weekday = np.arange(DAYS) % 7
    match random.integers(4):
        case 0:
            runs = random.random(DAYS) < 0.98
        case 1:
            runs = (weekday == random.integers(7)) & (random.random(DAYS) < 0.95)
        case 2:
            runs = random.random(DAYS) < random.uniform(0.04, 0.3)
        case _:
            runs = np.zeros(DAYS, dtype=np.bool_)
            for start in np.cumsum(random.exponential(random.uniform(12, 45), 60)).astype(int):
                runs[start : start + random.integers(1, 6)] = True
    return np.asarray(runs * size)


def _growth(random: np.random.Generator) -> Floats:
    return np.exp(np.linspace(0, random.normal(0.2, 0.35), DAYS))


def _crowds(random: np.random.Generator) -> Floats:
    extra = np.zeros(HOURS)
    reach = np.arange(72)
    for start in np.cumsum(random.exponential(24 * random.uniform(6, 60), 120)).astype(int):
        if start < HOURS - 72:
            size, stay = min(0.3 * (1 + random.pareto(2.4)), 4.0), random.uniform(1.5, 14)
            extra[start : start + 72] += size * np.exp(-reach / stay)
    return extra
