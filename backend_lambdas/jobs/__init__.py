"""Job files: SQL that changes tables, as steps and checks that people or a schedule start."""
