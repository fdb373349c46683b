"""A workspace, or a lake, behind HTTP: for those who sync with it, and for those who look at it."""
