"""The pages, each a module with a `render`; `router` says which one an address means."""
