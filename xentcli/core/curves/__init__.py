"""Curves of two-class predictions, from the weight of each class by log-odds: what the pictures draw."""
