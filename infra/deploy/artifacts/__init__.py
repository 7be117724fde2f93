"""What the stacks are made of: zips, SQL files and templates, and the bucket that takes them."""
