"""datasketch's MinHash and MinHashLSH, as its documentation has it. Runs in an environment of its own.

PYTHON datasketch_near.py ROWS.jsonl OUT CORES
"""

import json
import re
import sys
import time
from pathlib import Path

from datasketch import MinHash, MinHashLSH

if __name__ == "__main__":
    rows, out = Path(sys.argv[1]), Path(sys.argv[2])
    started, work = time.monotonic(), time.process_time()
    index, dropped, block = MinHashLSH(threshold=0.8, num_perm=128), [], 1000
    with rows.open(encoding="utf-8") as stream:
        records = [json.loads(line) for line in stream]
    for start in range(0, len(records), block):
        some = records[start : start + block]
        shingles = []
        for record in some:
            words = re.findall(r"\w+", record["text"].lower())
            shingles.append({" ".join(words[i : i + 3]).encode() for i in range(max(1, len(words) - 2))})
        for record, signature in zip(some, MinHash.bulk(shingles, num_perm=128), strict=True):  # faster than one by one
            if index.query(signature):
                dropped.append(int(record["id"]))
            else:
                index.insert(record["id"], signature)
    (out / "result.json").write_text(
        json.dumps({"seconds": time.monotonic() - started, "cpu_seconds": time.process_time() - work, "dropped": dropped})
    )
