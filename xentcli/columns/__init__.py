"""Which column is what, the names of classes, and their order."""
