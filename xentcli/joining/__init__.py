"""Rows that meet: label files, ids, and two models side by side."""
