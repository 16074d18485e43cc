"""Several models on the same rows: compared, ranked, and how far they moved apart."""
