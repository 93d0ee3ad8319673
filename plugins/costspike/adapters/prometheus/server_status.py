"""Reads the settings of a server that decide whether it takes and keeps what is published."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import yaml

from costspike.domain.server_settings import ServerSettings, duration, retention_of

if TYPE_CHECKING:
    from costspike.adapters.prometheus.client import Prometheus


def server_settings(prometheus: Prometheus) -> ServerSettings:
    """Return what the server tells of its settings."""
    build, flags = _mapping(prometheus.status("buildinfo")), _mapping(prometheus.status("flags"))
    runtime, config = _mapping(prometheus.status("runtimeinfo")), _mapping(prometheus.status("config"))
    receiver = flags.get("web.enable-remote-write-receiver")
    return ServerSettings(
        version=str(build.get("version", "")),
        receiver=None if receiver is None else str(receiver) == "true",
        retention=retention_of(str(runtime.get("storageRetention", ""))),
        window=_window(str(config["yaml"])) if "yaml" in config else None,
    )


def _window(text: str) -> timedelta | None:
    """Return the out-of-order window of a configuration; without one it is 0."""
    try:
        loaded = yaml.safe_load(text)
    except yaml.YAMLError:
        return None
    tsdb = _mapping(_mapping(_mapping(loaded).get("storage")).get("tsdb"))
    return duration(str(tsdb.get("out_of_order_time_window", "0s")))


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}
