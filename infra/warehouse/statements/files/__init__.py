"""COPY and UNLOAD: what moves rows between tables and the objects of a bucket. Called by `dispatch`."""
