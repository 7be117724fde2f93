"""The pools and clients of this endpoint, found by their ids. Used by every operation and every hosted page."""

from collections.abc import Iterator, Sequence

from infra.local.cognito.config import ClientConfig, PoolConfig
from infra.local.cognito.errors import not_found


class Pools:
    """All pools; a client id is unique over all of them, as on AWS."""

    def __init__(self, pools: Sequence[PoolConfig]) -> None:
        self._pools = {pool.pool_id: pool for pool in pools}
        self._clients = {client.client_id: (pool, client) for pool in pools for client in pool.clients}

    def __iter__(self) -> Iterator[PoolConfig]:
        return iter(self._pools.values())

    def pool(self, pool_id: str) -> PoolConfig:
        """The pool, or ResourceNotFoundException."""
        if pool_id not in self._pools:
            raise not_found(f"User pool {pool_id} does not exist.")
        return self._pools[pool_id]

    def client(self, client_id: str) -> tuple[PoolConfig, ClientConfig]:
        """The client and its pool, or ResourceNotFoundException."""
        if client_id not in self._clients:
            raise not_found(f"User pool client {client_id} does not exist.")
        return self._clients[client_id]

    def client_of(self, pool_id: str, client_id: str) -> tuple[PoolConfig, ClientConfig]:
        """The client when it belongs to that pool, else ResourceNotFoundException."""
        pool, client = self.client(client_id)
        if pool is not self.pool(pool_id):
            raise not_found(f"User pool client {client_id} does not exist.")
        return pool, client
