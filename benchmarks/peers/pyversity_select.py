"""pyversity's strategies. Runs in an environment of its own.

PYTHON pyversity_select.py mmr|msd|dpp FOLDER OUT CORES
"""

import json
import sys
import time
from pathlib import Path

import numpy as np
from pyversity import Strategy, diversify


def peak():
    """Megabytes, of this program alone."""
    return int(Path("/proc/self/status").read_text().split("VmHWM:")[1].split()[0]) / 1024


if __name__ == "__main__":
    strategy, folder, out = Strategy(sys.argv[1]), Path(sys.argv[2]), Path(sys.argv[3])
    before = peak()
    vectors, quality = np.load(folder / "vectors.npy"), np.load(folder / "quality.npy")
    started, work = time.monotonic(), time.process_time()
    found = diversify(embeddings=vectors, scores=quality, k=1000, strategy=strategy, diversity=0.5)
    seconds, work = time.monotonic() - started, time.process_time() - work
    result = {"seconds": seconds, "cpu_seconds": work, "highest_mb": peak(), "imports_mb": before, "rows": found.indices.tolist()}
    (out / "result.json").write_text(json.dumps(result))
