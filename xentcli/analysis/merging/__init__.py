"""Parts of a whole that are scored apart, and merged."""
