"""Whether the warehouse that the settings name is there, is awake, and is the one that they mean. Used by `checks`."""

from collections.abc import Iterator

from infra.deploy.prerequisites.check import Check, Target


def findings(target: Target) -> Iterator[str]:
    """What is wrong with the warehouse."""
    warehouse, settings = target.warehouse, target.settings
    if warehouse is None:
        yield _absent(target)
        return
    if not warehouse.is_available:
        yield f"{warehouse.shown} is {warehouse.status}: {_remedy(target)}."
    endpoint = settings.value("backend", "RedshiftClusterEndpoint")
    if warehouse.address and not endpoint.startswith(f"{warehouse.address}:"):
        yield f"{warehouse.shown} is at {warehouse.address}: write that into [backend] RedshiftClusterEndpoint."
    if warehouse.workgroup_id != settings.value("backend", "RedshiftWorkgroupId"):
        yield f"{warehouse.shown} has the id {warehouse.workgroup_id}: write that into [backend] RedshiftWorkgroupId."


def _absent(target: Target) -> str:
    settings = target.settings
    endpoint = settings.value("backend", "RedshiftClusterEndpoint")
    if endpoint:
        command = settings.command("redshift", "describe-clusters", "--query", "Clusters[].Endpoint")
        name = endpoint.partition(".")[0]
        return (
            f"There is no Redshift cluster {name} in {settings.region}: look at [backend] RedshiftClusterEndpoint; "
            f"{command} tells what there is."
        )
    command = settings.command("redshift-serverless", "list-workgroups", "--query", "workgroups[].workgroupName")
    name = settings.value("backend", "RedshiftWorkgroupName")
    return (
        f"There is no workgroup {name} in {settings.region}: look at [backend] RedshiftWorkgroupName; "
        f"{command} tells what there is."
    )


def _remedy(target: Target) -> str:
    warehouse = target.warehouse
    if warehouse is not None and warehouse.status == "paused":
        return "resume it by " + target.settings.command(
            "redshift", "resume-cluster", "--cluster-identifier", warehouse.name
        )
    return "wait until it is available"


CHECK = Check(
    "the cluster or workgroup is there and available, at that address and with that id (redshift:DescribeClusters, or "
    "redshift-serverless:GetWorkgroup and redshift-serverless:GetNamespace)",
    findings,
)
