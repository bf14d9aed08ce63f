"""What people type: about files and folders, and about requests for files."""
