"""datasketch's MinHash and MinHashLSH, as its documentation has it. Runs in an environment of its own.

PYTHON datasketch_near.py [--bands 21x6] ROWS.jsonl OUT CORES

Without bands it takes those of its own choice for a threshold of 0.8, which miss more than half of the pairs there.
"""

import json
import re
import sys
import time
from pathlib import Path

from datasketch import MinHash, MinHashLSH

if __name__ == "__main__":
    rows, out = Path(sys.argv[-3]), Path(sys.argv[-2])
    bands = tuple(map(int, sys.argv[2].split("x"))) if sys.argv[1] == "--bands" else None
    permutations = bands[0] * bands[1] if bands else 128
    started, work = time.monotonic(), time.process_time()
    index, dropped, block = MinHashLSH(threshold=0.8, num_perm=permutations, params=bands), [], 1000
    with rows.open(encoding="utf-8") as stream:
        records = [json.loads(line) for line in stream]
    for start in range(0, len(records), block):
        some = records[start : start + block]
        shingles = []
        for record in some:
            words = re.findall(r"\w+", record["text"].lower())
            shingles.append({" ".join(words[i : i + 3]).encode() for i in range(max(1, len(words) - 2))})
        for record, signature in zip(some, MinHash.bulk(shingles, num_perm=permutations), strict=True):  # faster than one by one
            if index.query(signature):
                dropped.append(int(record["id"]))
            else:
                index.insert(record["id"], signature)
    (out / "result.json").write_text(
        json.dumps({"seconds": time.monotonic() - started, "cpu_seconds": time.process_time() - work, "dropped": dropped})
    )
