"""The warehouse's tables: which report reads which, when each changed last, and who watches what is read from them."""
