"""The bytes of remote write, against protobuf's own decoder and Arrow's snappy."""

import math

import pyarrow as pa
from google.protobuf import descriptor_pb2, descriptor_pool, message_factory
from hypothesis import given
from hypothesis import strategies as st

from costspike.adapters.prometheus.remote_write import request_body, write_request
from costspike.domain.day_metrics import Key
from costspike.domain.metric_revisions import Sample

# (name, number, type, repeated, of message): types 1 double, 3 int64, 9 string, 11 message.
MESSAGES = {
    "WriteRequest": [("timeseries", 1, 11, True, "TimeSeries")],
    "TimeSeries": [("labels", 1, 11, True, "Label"), ("samples", 2, 11, True, "Sample")],
    "Label": [("name", 1, 9, False, ""), ("value", 2, 9, False, "")],
    "Sample": [("value", 1, 1, False, ""), ("timestamp", 2, 3, False, "")],
}


def write_request_class():
    """Return the message of https://github.com/prometheus/prometheus/blob/main/prompb/remote.proto."""
    file = descriptor_pb2.FileDescriptorProto(name="remote.proto", package="prometheus", syntax="proto3")
    for message, fields in MESSAGES.items():
        own = file.message_type.add(name=message)
        for name, number, kind, repeated, of in fields:
            label = 3 if repeated else 1
            type_name = f".prometheus.{of}" if of else None
            own.field.add(name=name, number=number, type=kind, label=label, type_name=type_name)
    pool = descriptor_pool.DescriptorPool()
    pool.Add(file)
    return message_factory.GetMessageClass(pool.FindMessageTypeByName("prometheus.WriteRequest"))


WriteRequest = write_request_class()
text = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=300)
keys = st.builds(Key, text, st.dictionaries(text, text, max_size=4).map(lambda d: tuple(sorted(d.items()))))
samples = st.lists(
    st.builds(Sample, keys, st.integers(-(2**40), 2**40), st.floats()),
    max_size=8,
    unique_by=lambda s: (s.key, s.stamp),
)


@given(samples)
def test_the_message_is_read_as_it_was_meant(given_samples: list[Sample]) -> None:
    read = WriteRequest()
    read.ParseFromString(write_request(given_samples))
    found = {}
    for series in read.timeseries:
        labels = [(label.name, label.value) for label in series.labels]
        assert labels == sorted(labels)
        stamps = [sample.timestamp for sample in series.samples]
        assert stamps == sorted(stamps)
        for sample in series.samples:
            found[tuple(labels), sample.timestamp] = sample.value
    wanted = {
        (tuple(sorted((("__name__", s.key.name), *s.key.labels))), s.stamp * 1000): s.value
        for s in given_samples
    }
    assert found.keys() == wanted.keys()
    assert all(found[k] == v or (math.isnan(found[k]) and math.isnan(v)) for k, v in wanted.items())


@given(samples)
def test_the_body_is_one_snappy_block(given_samples: list[Sample]) -> None:
    plain, body = write_request(given_samples), request_body(given_samples)
    assert pa.decompress(body, decompressed_size=len(plain), codec="snappy", asbytes=True) == plain
