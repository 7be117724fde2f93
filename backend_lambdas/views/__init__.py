"""What users keep of the pages for themselves or their department: saved views and favourites. Used by `keep_views`."""
