"""CelebA: faces with forty attributes and five landmarks."""
