"""The same work through runstore and through other trackers, each in a virtual environment of its own."""
