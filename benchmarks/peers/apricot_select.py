"""apricot's facility location by lazy greedy, over all pairs of cosines. Runs in an environment of its own.

PYTHON apricot_select.py lazy FOLDER OUT CORES
"""

import json
import sys
import time
from pathlib import Path

import numpy as np
from apricot import FacilityLocationSelection


def peak():
    """Megabytes, of this program alone."""
    return int(Path("/proc/self/status").read_text().split("VmHWM:")[1].split()[0]) / 1024


if __name__ == "__main__":
    optimizer, folder, out = sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3])
    before = peak()
    vectors = np.load(folder / "vectors.npy")
    # compiled before the clock starts, as imports are
    FacilityLocationSelection(2, metric="precomputed", optimizer=optimizer).fit(np.eye(8))
    started, work = time.monotonic(), time.process_time()
    cosines = np.maximum(vectors @ vectors.T, 0).astype(np.float64)
    found = FacilityLocationSelection(1000, metric="precomputed", optimizer=optimizer).fit(cosines)
    seconds, work = time.monotonic() - started, time.process_time() - work
    result = {"seconds": seconds, "cpu_seconds": work, "highest_mb": peak(), "imports_mb": before, "rows": found.ranking.tolist()}
    (out / "result.json").write_text(json.dumps(result))
