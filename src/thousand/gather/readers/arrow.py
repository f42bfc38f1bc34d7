"""Arrow's own files, in which `datasets` keeps what it has prepared or saved: a stream of batches, or a file of them."""

from __future__ import annotations

from collections.abc import Iterator

import pyarrow as pa

from thousand.gather.files import SourceFile
from thousand.gather.readers.batches import rows
from thousand.gather.readers.record import Record

_MAGIC = b"ARROW1"
_BATCH = 64  # rows made into Python's objects at once


def arrow(file: SourceFile) -> Iterator[Record]:
    """The rows of every batch."""
    with pa.OSFile(str(file.path)) as stream:
        whole = stream.read(len(_MAGIC)) == _MAGIC
        stream.seek(0)
        reader = pa.ipc.open_file(stream) if whole else pa.ipc.open_stream(stream)
        yield from rows(_batches(reader), reader.schema, sound=False)


def _batches(reader: pa.RecordBatchFileReader | pa.RecordBatchStreamReader) -> Iterator[pa.RecordBatch]:
    found = (reader.get_batch(each) for each in range(reader.num_record_batches)) if hasattr(reader, "get_batch") else reader
    for batch in found:
        for start in range(0, batch.num_rows, _BATCH):
            yield batch.slice(start, _BATCH)
