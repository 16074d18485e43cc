"""Recalibration: the saved map, and what applies it."""
