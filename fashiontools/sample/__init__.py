"""New images from a trained model."""
