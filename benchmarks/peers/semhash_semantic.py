"""semhash's self-deduplication of given vectors. Runs in an environment of its own.

PYTHON semhash_semantic.py VECTORS.npy OUT CORES
"""

import json
import sys
import time
from pathlib import Path

import numpy as np
from semhash import SemHash


class Given:
    """The vectors are there; nothing is to be encoded."""

    def encode(self, *_, **__):
        """Never asked."""
        raise NotImplementedError


if __name__ == "__main__":
    vectors, out = np.load(sys.argv[1]), Path(sys.argv[2])
    records = [str(row) for row in range(len(vectors))]
    started, work = time.monotonic(), time.process_time()
    found = SemHash.from_embeddings(vectors, records, model=Given()).self_deduplicate(threshold=0.95)
    seconds, work = time.monotonic() - started, time.process_time() - work
    kept = {int(record) for record in found.selected}
    dropped = [row for row in range(len(vectors)) if row not in kept]
    (out / "result.json").write_text(json.dumps({"seconds": seconds, "cpu_seconds": work, "dropped": dropped}))
