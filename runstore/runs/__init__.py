"""What a run is: workspace, experiment, run (the write path), sealing started, artifacts."""
