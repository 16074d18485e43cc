"""What is printed, apart from how the numbers came about."""
