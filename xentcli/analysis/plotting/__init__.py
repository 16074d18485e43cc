"""`xent plot`: from predictions, states and saved results to what a picture draws."""
