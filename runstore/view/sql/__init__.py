"""Questions in SQL that come from a page: one at a time, in a process of its own that can do nothing else."""
