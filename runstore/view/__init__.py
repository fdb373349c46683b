"""What people look at: the page, the notebook, the report, the terminal."""
