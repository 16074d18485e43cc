"""The gate: requirements, baselines, verdicts."""
