"""The Redshift Data API over DuckDB, as a library: `RedshiftData.call` answers one operation of the wire protocol.

Used by `edge` (over HTTP) and by tests. A finished statement leaves as an event through `publish`.
"""

from infra.local.redshift_data.limits import DataApiLimits
from infra.local.redshift_data.service import RedshiftData

__all__ = ["DataApiLimits", "RedshiftData"]
