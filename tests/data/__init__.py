"""Tests of the readers: from bytes to columns, classes and numbers."""
