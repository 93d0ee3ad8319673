"""The body of a remote-write 1.0 request: four tiny protobuf messages, compressed as one snappy block.

https://prometheus.io/docs/specs/prw/remote_write_spec/
"""

from __future__ import annotations

import struct
from collections import defaultdict
from collections.abc import Iterable

import pyarrow as pa

from costspike.domain.metric_revisions import Sample

HEADERS = {
    "Content-Type": "application/x-protobuf",
    "Content-Encoding": "snappy",
    "X-Prometheus-Remote-Write-Version": "0.1.0",
}
_NAME = "__name__"
_MILLISECONDS = 1000
# Wire types of protobuf: a length and that many bytes, and eight bytes.
_BYTES, _DOUBLE = 2, 1


def request_body(samples: Iterable[Sample]) -> bytes:
    """Return the samples as the body of a request."""
    compressed: bytes = pa.compress(write_request(samples), codec="snappy", asbytes=True)
    return compressed


def write_request(samples: Iterable[Sample]) -> bytes:
    """Return the samples as a WriteRequest: labels sorted by name, the samples of a series by time."""
    series = defaultdict(list)
    for sample in samples:
        series[sample.key].append((sample.stamp * _MILLISECONDS, sample.value))
    out = bytearray()
    for key, points in series.items():
        own = bytearray()
        for name, text in sorted(((_NAME, key.name), *key.labels)):
            own += _field(1, _field(1, name.encode()) + _field(2, text.encode()))
        for stamp, value in sorted(points):
            own += _field(2, bytes([1 << 3 | _DOUBLE]) + struct.pack("<d", value) + b"\x10" + _varint(stamp))
        out += _field(1, bytes(own))
    return bytes(out)


def _field(number: int, payload: bytes) -> bytes:
    return _varint(number << 3 | _BYTES) + _varint(len(payload)) + payload


def _varint(number: int) -> bytes:
    """Return a number as protobuf writes it, a negative one as its two's complement of 64 bits."""
    rest = number & (1 << 64) - 1
    out = bytearray()
    while rest > 0x7F:  # noqa: PLR2004 - seven bits a byte
        out.append(rest & 0x7F | 0x80)
        rest >>= 7
    out.append(rest)
    return bytes(out)
