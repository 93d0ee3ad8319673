"""What the parts cost, as ratios; see README.md."""
