"""Tests of recalibrated predictions."""
