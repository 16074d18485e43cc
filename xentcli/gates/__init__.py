"""Requirements: their grammar, their limits, and what becomes of them."""
