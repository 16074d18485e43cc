"""torch's `cross_entropy` of a frame with a column of lists, at the precision of the file: float32."""

from __future__ import annotations

import json
import sys

import numpy as np
import pandas as pd
import pyarrow as pa
import torch
from torch.nn.functional import cross_entropy

from tests.benchmarks.peers import THREADS


def main(path: str) -> None:
    """Print the log loss and accuracy of the file."""
    pa.set_cpu_count(THREADS)
    torch.set_num_threads(THREADS)
    frame = pd.read_parquet(path)
    logits = torch.from_numpy(np.stack(list(frame["logits"])))
    y = torch.from_numpy(frame["label"].to_numpy().copy())
    with torch.inference_mode():
        right = (logits.argmax(dim=1) == y).double().mean()
        print(json.dumps({"log_loss": cross_entropy(logits, y).item(), "accuracy": right.item()}))


if __name__ == "__main__":
    main(sys.argv[-1])
