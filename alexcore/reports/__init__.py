"""What one sees, kept or sent: previews of runs."""
