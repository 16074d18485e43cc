"""Recalibrations fitted, judged and chosen: `xent calibrate`."""
