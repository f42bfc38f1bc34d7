"""semhash's representative rows, of all candidates. Runs in an environment of its own.

PYTHON semhash_select.py representative FOLDER OUT CORES
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


def peak():
    """Megabytes, of this program alone."""
    return int(Path("/proc/self/status").read_text().split("VmHWM:")[1].split()[0]) / 1024


if __name__ == "__main__":
    folder, out = Path(sys.argv[2]), Path(sys.argv[3])
    before = peak()
    vectors = np.load(folder / "vectors.npy")
    records = [str(row) for row in range(len(vectors))]
    started, work = time.monotonic(), time.process_time()
    found = SemHash.from_embeddings(vectors, records, model=Given()).self_find_representative(
        selection_size=1000, candidate_limit=len(vectors)
    )
    seconds, work = time.monotonic() - started, time.process_time() - work
    rows = [int(record) for record in found.selected]
    (out / "result.json").write_text(
        json.dumps({"seconds": seconds, "cpu_seconds": work, "highest_mb": peak(), "imports_mb": before, "rows": rows})
    )
