"""datatrove's four stages of MinHash deduplication, with the bands of Thousand. Runs in an environment of its own.

PYTHON datatrove_near.py ROWS.jsonl OUT CORES
"""

import gzip
import json
import sys
import time
from pathlib import Path

from datatrove.executor import LocalPipelineExecutor
from datatrove.pipeline.dedup import MinhashDedupBuckets, MinhashDedupCluster, MinhashDedupFilter, MinhashDedupSignature
from datatrove.pipeline.dedup.minhash import MinhashConfig
from datatrove.pipeline.readers import JsonlReader
from datatrove.pipeline.writers import JsonlWriter

if __name__ == "__main__":
    rows, out, cores = Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3])
    started, work = time.monotonic(), time.process_time()
    config = MinhashConfig(n_grams=3, num_buckets=21, hashes_per_bucket=6)
    split = out / "rows"
    split.mkdir()
    if cores == 1:
        (split / rows.name).symlink_to(rows)
    else:
        lines = rows.read_text(encoding="utf-8").splitlines(keepends=True)
        for part in range(cores):
            (split / f"{part}.jsonl").write_text("".join(lines[part::cores]), encoding="utf-8")

    def stage(number, tasks, *steps):
        """One after the other: each reads what the last has written."""
        logs = f"{out}/logs{number}"
        LocalPipelineExecutor(pipeline=list(steps), tasks=tasks, workers=min(tasks, cores), logging_dir=logs).run()

    stage(1, cores, JsonlReader(str(split)), MinhashDedupSignature(f"{out}/signatures", config))
    stage(2, config.num_buckets, MinhashDedupBuckets(f"{out}/signatures", f"{out}/buckets", config=config))
    stage(3, 1, MinhashDedupCluster(f"{out}/buckets", f"{out}/remove", config=config))
    removed = JsonlWriter(f"{out}/removed")
    stage(4, cores, JsonlReader(str(split)), MinhashDedupFilter(f"{out}/remove", removed), JsonlWriter(f"{out}/kept"))
    dropped = [
        int(json.loads(line)["id"]) for path in Path(f"{out}/removed").rglob("*.gz") for line in gzip.open(path, "rt", encoding="utf-8")
    ]
    (out / "result.json").write_text(
        json.dumps({"seconds": time.monotonic() - started, "cpu_seconds": time.process_time() - work, "dropped": dropped})
    )
