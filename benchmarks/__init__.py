"""How fast runstore is, as ratios to floors that were taken in the same process run. See README.md beside this file."""
