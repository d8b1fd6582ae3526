"""Flows by their authors: the list, source and play side by side, figures."""
