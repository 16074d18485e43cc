"""Tests of xentcli, and the slow oracle they compare it with."""
