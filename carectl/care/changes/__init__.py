"""What is different between two times, and what that means for a person."""
