"""Sweeps: many runs of one script, the parameters that each gets, and who is stopped early."""
