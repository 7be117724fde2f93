"""Checks report files before anyone sees them: against Redshift's grammar, and by running them on the real schema.

`make check` and `python -m infra.check` run it. What is wrong with a header is told in the words of
`backend_lambdas.reports.report_file`, which tells it to the page as well. Job files are checked as far as their text
tells, in the words of `backend_lambdas.jobs.job_file`.
"""
