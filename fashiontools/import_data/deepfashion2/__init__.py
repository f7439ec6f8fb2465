"""DeepFashion2: photos with several garments, each with its category and its box."""
