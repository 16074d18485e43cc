"""Delimited text: its dialect, its header, and its records as columns."""
