"""What is installed, and what a run or folder is."""
