"""The database users that the settings name, as far as they can be known from outside of the database.

What only the database tells (whether a user exists in it, and is a superuser) is checked by the setup in the backend's
stack, `backend_lambdas.handlers.setup_redshift`.
Source: Amazon Redshift Database Developer Guide, "CREATE USER": names of users are kept in small letters. IAM compares
`redshift:GetClusterCredentials` on `dbuser:<cluster>/<name>` letter by letter.
"""

from collections.abc import Iterator

from infra.deploy.prerequisites.check import Check, Note, Target


def findings(target: Target) -> Iterator[str]:
    """What the administrator's name says about the users of the settings."""
    warehouse = target.warehouse
    if warehouse is None or not warehouse.administrator:
        return
    if warehouse.workgroup_id:
        yield from _secret(target)
        return
    administrator = warehouse.administrator
    setup, reader = (target.settings.value("backend", name) for name in ("SetupDbUsername", "DbUsername"))
    if setup != administrator and setup.lower() == administrator.lower():
        yield (
            f"The administrator of the cluster is {administrator}, and [backend] SetupDbUsername says {setup}: write "
            f'SetupDbUsername = "{administrator}", since IAM tells capital letters from small ones.'
        )
    elif setup != administrator:
        yield Note(
            f"The setup signs in as {setup} ([backend] SetupDbUsername), who is not the cluster's administrator, "
            f"{administrator}: whether that is a superuser, the setup itself will find."
        )
    if reader.lower() in {setup.lower(), administrator.lower()}:
        yield (
            f"[backend] DbUsername is {reader}, a superuser: reports are to run as a user who can only read. Leave it "
            "out, or name one that is not there yet."
        )


def _secret(target: Target) -> Iterator[str]:
    """Another secret than the administrator's may be of a superuser as well."""
    warehouse, secret = target.warehouse, target.settings.value("backend", "SetupSecretArn")
    if warehouse is not None and warehouse.secret and warehouse.secret != secret:
        yield Note(
            f"[backend] SetupSecretArn is not the secret of the namespace's administrator, {warehouse.secret}: whether "
            "its user is a superuser, the setup itself will find."
        )


CHECK = Check(
    "the setup's user is the warehouse's administrator or is told as unknown, and the reports' user is none of them "
    "(from the same answer)",
    findings,
)
