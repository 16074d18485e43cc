"""Files as real tools write them, a folder a kind: `case.toml` says what is typed, what must come of it."""
