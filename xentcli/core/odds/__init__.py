"""Weights of two classes by log-odds: tables of the kernel, and exact states that merge."""
