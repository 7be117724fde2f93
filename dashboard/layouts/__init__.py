"""Where panels, words and tabs stand on a page, and where clicks on them lead."""
