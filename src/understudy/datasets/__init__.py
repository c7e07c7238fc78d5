"""What can be learned: a world as the files that trainers read."""
