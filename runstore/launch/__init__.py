"""Scripts as runs: what is run, in what, by whom it is watched, and how parameters are swept."""
