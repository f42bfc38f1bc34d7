"""rensa's RMinHash and RMinHashLSH, as its documentation has it. Runs in an environment of its own.

PYTHON rensa_near.py ROWS.jsonl OUT CORES
"""

import json
import re
import sys
import time
from pathlib import Path

from rensa import RMinHash, RMinHashLSH

if __name__ == "__main__":
    rows, out = Path(sys.argv[1]), Path(sys.argv[2])
    started, work = time.monotonic(), time.process_time()
    index, kept, dropped = RMinHashLSH(threshold=0.8, num_perm=128, num_bands=16), {}, []
    with rows.open(encoding="utf-8") as stream:
        for line in stream:
            record = json.loads(line)
            words = re.findall(r"\w+", record["text"].lower())
            signature = RMinHash(num_perm=128, seed=42)
            signature.update([" ".join(words[i : i + 3]) for i in range(max(1, len(words) - 2))])
            row = int(record["id"])
            if any(signature.jaccard(kept[other]) >= 0.8 for other in index.query(signature)):
                dropped.append(row)
            else:
                index.insert(row, signature)
                kept[row] = signature
    (out / "result.json").write_text(
        json.dumps({"seconds": time.monotonic() - started, "cpu_seconds": time.process_time() - work, "dropped": dropped})
    )
