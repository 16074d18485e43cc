"""What becomes of what is required: of scores, of states, of what was saved."""
