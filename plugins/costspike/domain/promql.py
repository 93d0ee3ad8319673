"""Names and values on their way into PromQL: values are quoted here and nowhere else."""

import re

# https://prometheus.io/docs/concepts/data_model/: names that every version takes without quotes.
_LABEL_NAME = re.compile(r"[a-zA-Z_][a-zA-Z0-9_]*")
_METRIC_NAME = re.compile(r"[a-zA-Z_:][a-zA-Z0-9_:]*")


def quoted(value: str) -> str:
    """Return a label value as PromQL's string literal, which is also that of the text formats."""
    escaped = value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'


def selector(metric: str, **labels: str) -> str:
    """Return the selector of the series with these labels, each equal to its value.

    Raises:
        ValueError: a name cannot be one.
    """
    if not _METRIC_NAME.fullmatch(metric):
        msg = f"{metric!r} is no name of a metric"
        raise ValueError(msg)
    for name in labels:
        if not is_label_name(name):
            msg = f"{name!r} is no name of a label"
            raise ValueError(msg)
    matchers = ", ".join(f"{name}={quoted(value)}" for name, value in labels.items())
    return f"{metric}{{{matchers}}}" if matchers else metric


def is_label_name(name: str) -> bool:
    """Tell whether a text can name a label."""
    return bool(_LABEL_NAME.fullmatch(name))
