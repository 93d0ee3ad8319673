"""The distinct series of cost rows: which series each row belongs to, by its four names."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa

from costspike.domain.cost_table import NAMES, Ints, changes

_FEW, _FEW_PER_ROW = 1000, 8
_ROW = "row"

Words = Sequence[Any]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class NamedSeries:
    """The distinct series of some rows, sorted by their names.

    ``codes`` is [series x NAMES]: places in the sorted ``vocabulary``, where 0 is the empty name.
    """

    of_row: Ints
    codes: Ints
    vocabulary: tuple[tuple[str, ...], ...]


def named_series(rows: pd.DataFrame, places: Ints | None = None) -> NamedSeries:
    """Return the series of the rows at ``places``, in that order; of all without."""
    columns = [(rows[name], _texts(rows[name])) for name in NAMES]
    texts = [column for _, column in columns if column is not None]
    of_texts = len(texts) == len(NAMES)
    found, names = _grouped(texts) if of_texts else _combined([_encoded(*column) for column in columns])
    if places is not None:
        found = found[places]
        seen = np.bincount(found, minlength=len(names[0])) > 0
        found = (np.cumsum(seen) - 1)[found]
        names = [[word for word, one in zip(words, seen.tolist(), strict=True) if one] for words in names]
    sorted_names = [_sorted(words) for words in names]
    codes = [place for place, _ in sorted_names]
    order = np.lexsort(codes[::-1])
    place: npt.NDArray[Any] = np.empty(len(order), dtype=np.int32)  # half the memory for each row
    # Two spellings of an absent name make one series of two numbers.
    ordered = np.column_stack(codes)[order]
    first = changes(ordered)
    place[order] = np.cumsum(first) - 1
    return NamedSeries(
        of_row=place[found], codes=ordered[first], vocabulary=tuple(words for _, words in sorted_names)
    )


def _texts(names: "pd.Series[Any]") -> pa.ChunkedArray | None:
    """Return a column of texts in Arrow, None for one of another kind."""
    array, dtype = names.array, names.dtype
    try:
        if isinstance(array, pd.arrays.ArrowExtensionArray):
            texts = pa.chunked_array(pa.array(names))
        elif pd.api.types.is_object_dtype(dtype) or isinstance(dtype, pd.StringDtype):
            # Half the time of hashing every object.
            texts = pa.chunked_array([pa.array(names.to_numpy(), from_pandas=True)])
        else:
            return None
        # Arrow groups texts of 32-bit offsets twice as fast as others.
        kinds = pa.types.is_string, pa.types.is_large_string, pa.types.is_null
        return texts.cast(pa.string()) if any(is_kind(texts.type) for is_kind in kinds) else None
    except (pa.ArrowException, ValueError):
        return None


def _grouped(texts: Sequence[pa.ChunkedArray]) -> tuple[Ints, list[Words]]:
    """Return each row's number among the distinct keys, and the names of those."""
    count = len(texts[0])
    rows = pa.array(np.arange(count, dtype=np.int32))
    table = pa.table([*texts, rows], names=[*NAMES, _ROW])
    keys = pa.TableGroupBy(table, list(NAMES), use_threads=False).aggregate([(_ROW, "list")])
    lists = keys[f"{_ROW}_list"].combine_chunks()
    number: npt.NDArray[Any] = np.empty(count, dtype=np.int32)
    sizes = np.diff(lists.offsets.to_numpy())
    number[lists.flatten().to_numpy()] = np.repeat(np.arange(len(sizes), dtype=np.int32), sizes)
    return number, [keys[name].to_pylist() for name in NAMES]


def _combined(columns: Sequence[tuple[Ints, Words]]) -> tuple[Ints, list[Words]]:
    """Return what ``_grouped`` does, for columns of any kind that are numbered one by one."""
    sizes = [len(words) for _, words in columns]
    # Numbered halfway: the product of three columns of two million distinct names still fits 63 bits.
    # Numbers of half the size are half the memory to touch.
    small: npt.DTypeLike = np.int32 if math.prod(sizes) <= np.iinfo(np.int32).max else np.int64
    numbers: list[Ints] = [np.asarray(codes, dtype=small) for codes, _ in columns]
    service, account, usage, region = numbers
    pair, pairs = service * sizes[1] + account, sizes[0] * sizes[1]
    if math.prod(sizes) > _few(len(pair)):
        pair, pairs = _numbered(pair, pairs)
    found, count = _numbered((pair * sizes[2] + usage) * sizes[3] + region, pairs * sizes[2] * sizes[3])
    example = np.zeros(count, dtype=np.int64)
    example[found] = np.arange(len(found))
    names: list[Words] = [[words[code] for code in codes[example].tolist()] for codes, words in columns]
    return found, names


def _encoded(names: "pd.Series[Any]", texts: pa.ChunkedArray | None) -> tuple[Ints, Words]:
    """Return each row's place among the distinct names, and those."""
    if texts is not None:
        coded = texts.dictionary_encode("encode").combine_chunks()
        return coded.indices.to_numpy(), coded.dictionary.to_pylist()
    if isinstance(names.dtype, pd.CategoricalDtype):
        # An absent name has the code -1: it is the last of the words.
        codes, words = names.cat.codes.to_numpy(), [*names.cat.categories, None]
        return np.where(codes < 0, np.int32(len(words) - 1), codes), words
    codes, uniques = pd.factorize(names, use_na_sentinel=False)
    return codes, list(uniques)


def _numbered(keys: Ints, bound: int) -> tuple[Ints, int]:
    """Return each key's number among the distinct ones, and how many there are; keys are below ``bound``."""
    if bound > _few(len(keys)):
        codes, uniques = pd.factorize(keys)
        return codes, len(uniques)
    # A table of all possible keys is five times as fast as hashing while it is small.
    present = np.zeros(bound, dtype=np.bool_)
    present[keys] = True
    distinct = np.flatnonzero(present)
    number = np.zeros(bound, dtype=keys.dtype)
    number[distinct] = np.arange(len(distinct))
    return number[keys], len(distinct)


def _few(rows: int) -> int:
    """Return how many possible keys are few for so many rows."""
    return _FEW_PER_ROW * rows + _FEW


def _sorted(names: Words) -> tuple[Ints, tuple[str, ...]]:
    """Return each name's place among the sorted distinct ones, and those; an absent name reads as empty."""
    read = {name: "" if pd.isna(name) else str(name) for name in {*names}}
    words = tuple(sorted({*read.values(), ""}))
    place = {word: index for index, word in enumerate(words)}
    return np.array([place[read[name]] for name in names], dtype=np.int64), words
