"""States as JSON: exact, checked when read, and written by the declared types of their fields."""
