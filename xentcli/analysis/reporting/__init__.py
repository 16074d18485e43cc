"""`xent report`: from predictions, a state or a saved result to what a page shows."""
