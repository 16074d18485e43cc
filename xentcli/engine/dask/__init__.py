"""The Dask engine, and what cuts inputs into what a worker reads."""
