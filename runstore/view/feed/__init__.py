"""What is shown, as plain values and as binary frames: asked of a workspace, for whoever shows it."""
