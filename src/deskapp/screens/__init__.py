"""One file or folder per job."""
