"""DeepFashion, Category and Attribute Prediction: a garment per photo, with its category and its box."""
