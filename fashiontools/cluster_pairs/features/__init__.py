"""What photos are clustered by: each feature is a few steps of image processing that end in a 64 x 64 picture."""
