"""Running: chunks of the inputs become states, on threads or machines, and states are merged."""
