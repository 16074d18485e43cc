"""The page of `xent report`: HTML that needs no script to be read, and asks nothing of any network."""
