"""Files written again with other scores: every row in its place, and all else as it was."""
