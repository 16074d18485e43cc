"""Predictions written again through a recalibration."""
