"""What each report for people says, before it is drawn."""
