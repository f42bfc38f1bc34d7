"""DEITA's rule as one writes it down: each row by falling quality, against all that are selected. Needs numpy alone.

PYTHON plain_select.py deita FOLDER OUT CORES
"""

import json
import sys
import time
from pathlib import Path

import numpy as np


def peak():
    """Megabytes, of this program alone."""
    return int(Path("/proc/self/status").read_text().split("VmHWM:")[1].split()[0]) / 1024


if __name__ == "__main__":
    folder, out = Path(sys.argv[2]), Path(sys.argv[3])
    before = peak()
    vectors, quality = np.load(folder / "vectors.npy"), np.load(folder / "quality.npy")
    started, work = time.monotonic(), time.process_time()
    rows = []
    for row in np.argsort(-quality, kind="stable").tolist():
        if len(rows) == 1000:
            break
        if not rows or (vectors[rows] @ vectors[row]).max() <= 0.9:
            rows.append(row)
    result = {"seconds": time.monotonic() - started, "cpu_seconds": time.process_time() - work}
    (out / "result.json").write_text(json.dumps(result | {"highest_mb": peak(), "imports_mb": before, "rows": rows}))
