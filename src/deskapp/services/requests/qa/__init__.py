"""What can be asked of QA, one module for each part of the loop."""
