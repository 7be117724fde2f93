"""What a command asks for, if its user may have it: report, groups and parameters, as of now.

Used by `on_connect` for one run, and by `run_batch` for several.
"""

from msgspec import Struct
from msgspec.structs import replace

from backend_lambdas.access.group_membership import GroupMembership
from backend_lambdas.commands.query_spec import QuerySpec
from backend_lambdas.errors import DownloadForbidden, Forbidden
from backend_lambdas.messages import Export, Run
from backend_lambdas.reports import parameters
from backend_lambdas.reports.catalog import Catalog
from backend_lambdas.reports.report_file import Report
from backend_lambdas.runs.requests import Requester


class Admission(Struct, frozen=True):
    """Judges commands by the catalogue of reports that is known here, and by the user pool."""

    catalog: Catalog
    membership: GroupMembership

    def query_of(self, requester: Requester, command: Run | Export) -> tuple[Requester, QuerySpec]:
        """The requester as of now, and the query; raises what is wrong with the command as a `PushboardError`."""
        requester, report = self._checked(requester, command.report)
        if isinstance(command, Export) and not requester.principal.may_download(report.downloaders):
            raise DownloadForbidden
        asking = requester.principal
        values = parameters.bind(report.header.parameters, command.parameters, asking.claims, groups=asking.groups)
        spec = QuerySpec.of(report, values, requester.principal)
        return requester, spec.as_export(command.format) if isinstance(command, Export) else spec

    def as_of_now(self, requester: Requester) -> Requester:
        """The requester without groups that were taken away while the socket was open."""
        return replace(requester, principal=self.membership.as_of_now(requester.principal))

    def _checked(self, requester: Requester, report_id: str) -> tuple[Requester, Report]:
        """The requester as of now, and the report; `Forbidden` is for those alone who could see it by their token."""
        report = self.catalog.runnable(report_id, requester.principal)
        requester = self.as_of_now(requester)
        if not requester.principal.may_see(report.groups):
            raise Forbidden
        return requester, report
