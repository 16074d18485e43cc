"""Recalibrations that are fitted, and what they gain on rows that a fit has not seen."""
