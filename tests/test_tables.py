"""Tables on disk: whole or not there, of the right columns, and known by what they say."""

import math

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from thousand import tables
from thousand.errors import DataError

SCHEMA = pa.schema([("id", pa.string()), ("n", pa.int32())])


def table(rows=3, **further):
    return pa.table({"n": pa.array(range(rows), pa.int64()), "id": [str(i) for i in range(rows)], **further})


def test_a_written_table_has_the_schemas_columns_first_and_its_types(tmp_path):
    tables.write(tmp_path / "deep" / "t.parquet", table(more=[True, False, None]), SCHEMA)
    read = tables.read(tmp_path / "deep" / "t.parquet")
    assert read.schema.names == ["id", "n", "more"]
    assert read.schema.field("n").type == pa.int32()
    assert read.to_pylist()[2] == {"id": "2", "n": 2, "more": None}


def test_a_failed_write_leaves_the_old_table_as_it_was(tmp_path, monkeypatch):
    path = tmp_path / "t.parquet"
    tables.write(path, table(2), SCHEMA)

    def half(_table, where, **_):
        where.write_bytes(b"PAR1 and then the disk was full")
        raise OSError("No space left on device")

    monkeypatch.setattr(pq, "write_table", half)
    with pytest.raises(OSError, match="No space left"):
        tables.write(path, table(3), SCHEMA)
    assert tables.count(path) == 2
    assert tables.count(tmp_path) == 2  # the half table beside it is not a part


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        ({"id": ["a"]}, "no column n"),
        ({"id": ["a"], "n": [1.5]}, "types they must have"),
        ({"id": ["a"], "n": [2**40]}, "types they must have"),
        ({"id": ["a"], "n": ["one"]}, "types they must have"),
        ({"id": ["a"], "n": [[1]]}, "types they must have"),
    ],
)
def test_a_column_that_is_missing_or_loses_by_its_type_is_refused(tmp_path, columns, message):
    with pytest.raises(DataError, match=message):
        tables.write(tmp_path / "t.parquet", pa.table(columns), SCHEMA)
    assert list(tmp_path.iterdir()) == []


def test_parts_are_read_in_order_and_counted(tmp_path):
    pieces = [table(5).slice(i, 2) for i in (0, 2, 4)]
    assert tables.write_parts(tmp_path / "t", pieces, SCHEMA) == 5
    assert [part.name for part in sorted((tmp_path / "t").iterdir())] == [f"part-0000{i}.parquet" for i in range(3)]
    assert tables.read(tmp_path / "t")["n"].to_pylist() == [0, 1, 2, 3, 4]
    assert tables.count(tmp_path / "t") == 5


def test_an_empty_stream_is_an_empty_table(tmp_path):
    assert tables.write_parts(tmp_path / "t", iter(()), SCHEMA) == 0
    assert tables.read(tmp_path / "t").equals(SCHEMA.empty_table())
    assert list(tables.batches(tmp_path / "t")) == []


def test_batches_are_the_table_in_pieces(tmp_path):
    tables.write_parts(tmp_path / "t", [table(7), table(0), table(4)], SCHEMA)
    pieces = list(tables.batches(tmp_path / "t", ["n"], rows=3))
    assert max(piece.num_rows for piece in pieces) <= 3
    assert min(piece.num_rows for piece in pieces) >= 1
    assert pa.concat_tables(pieces).equals(tables.read(tmp_path / "t", ["n"]))


def test_what_is_no_table_says_so(tmp_path):
    (tmp_path / "empty").mkdir()
    (tmp_path / "bad.parquet").write_text("not Parquet")
    tables.write(tmp_path / "t.parquet", table())
    for path in (tmp_path / "none.parquet", tmp_path / "empty"):
        with pytest.raises(DataError, match=f"no table at {path}"):
            tables.read(path)
    for reader in (tables.read, tables.count, tables.digest):
        with pytest.raises(DataError, match="not a Parquet table"):
            reader(tmp_path / "bad.parquet")
    with pytest.raises(DataError, match=r"has no column nn\.\s+It has: n, id"):
        tables.read(tmp_path / "t.parquet", ["nn"])


MESSAGES = st.lists(st.fixed_dictionaries({"role": st.none() | st.just("user"), "content": st.none() | st.text(max_size=5)}), max_size=3)
ROWS = st.lists(
    st.fixed_dictionaries(
        {
            "number": st.none() | st.floats(allow_nan=False) | st.just(math.nan),
            "text": st.none() | st.text(max_size=5),
            "truth": st.none() | st.booleans(),
            "list": st.none() | st.lists(st.none() | st.text(max_size=3), max_size=3),
            "messages": st.none() | MESSAGES,
        }
    ),
    max_size=12,
)
TYPES = pa.schema(
    [
        ("number", pa.float64()),
        ("text", pa.string()),
        ("truth", pa.bool_()),
        ("list", pa.list_(pa.string())),
        ("messages", tables.MESSAGES),
    ]
)


@settings(max_examples=60, deadline=None, derandomize=True)
@given(ROWS, ROWS, st.integers(1, 5), st.booleans())
def test_digests_are_equal_exactly_when_the_values_are(tmp_path_factory, first, second, group, dictionary):
    folder = tmp_path_factory.mktemp("digest")
    one, two = (pa.Table.from_pylist(rows, TYPES) for rows in (first, second))
    pq.write_table(one, folder / "a.parquet")
    pq.write_table(one, folder / "b.parquet", row_group_size=group, use_dictionary=dictionary, compression="none")
    pq.write_table(two, folder / "c.parquet")
    assert tables.digest(folder / "a.parquet") == tables.digest(folder / "b.parquet")
    same = repr(one.to_pylist()) == repr(two.to_pylist())  # repr: NaN is itself, and -0.0 is not 0.0
    assert (tables.digest(folder / "a.parquet") == tables.digest(folder / "c.parquet")) == same


def test_a_digest_does_not_see_what_lies_in_memory_where_there_is_no_value(tmp_path):
    rng = np.random.default_rng(0)
    missing = rng.random(20_000) < 0.3
    values = rng.normal(size=20_000)
    for name, hidden, rows in (("a", 0.0, 20_000), ("b", 99.0, 77)):
        column = pa.array(np.where(missing, hidden, values), mask=missing)
        pq.write_table(pa.table({"x": column, "t": column.cast(pa.string())}), tmp_path / f"{name}.parquet", row_group_size=rows)
    assert tables.digest(tmp_path / "a.parquet") == tables.digest(tmp_path / "b.parquet")


def test_digests_differ_with_names_types_and_order_and_not_with_timings(tmp_path):
    def digest(**columns):
        tables.write(tmp_path / "t.parquet", pa.table(columns))
        return tables.digest(tmp_path / "t.parquet")

    base = digest(a=[1, 2], seconds=[0.1, 0.2])
    assert base == digest(a=[1, 2], seconds=[9.0, None])
    others = [
        digest(a=[2, 1]),
        digest(b=[1, 2]),
        digest(a=[1.0, 2.0]),
        digest(a=[1, None]),
        digest(a=[1, 2], b=[1, 2]),
        digest(a=[[1], [2]]),
    ]
    assert len({base, *others}) == 7
    assert digest(a=[["x"], ["y", "z"]]) != digest(a=[["x", "y"], ["z"]])
    assert digest(a=[[], None]) != digest(a=[None, []])


def test_a_folders_digest_is_of_its_files_and_their_names(tmp_path):
    folder = tmp_path / "model"
    (folder / "deep").mkdir(parents=True)
    (folder / "deep" / "weights").write_bytes(b"123")
    before = tables.digest(folder)
    assert before != tables.digest(folder / "deep")
    (folder / "deep" / "weights").write_bytes(b"124")
    changed = tables.digest(folder)
    (folder / "deep" / "weights").rename(folder / "weights")
    assert len({before, changed, tables.digest(folder)}) == 3
    (folder / "weights").rename(folder / "deep" / "weights")
    (folder / "deep" / "weights").write_bytes(b"123")
    assert tables.digest(folder) == before
