"""The numbers that are computed from totals: every ratio, fit, interval and test."""
