"""Moving windows in Redis or Valkey, by the store's own clock.

`limits` sends each host's time of day along. Then hosts whose clocks differ forget one another's
requests too early or too late, and a host whose clock steps back by an hour refuses everything for
an hour. The store's clock is one for all. Where it steps back itself, what was counted is moved
along: its newest entry counts as of now, so no window has more than its limit.
"""

import time
from typing import Any

from limits.storage import RedisStorage

_NOW = """
local time = redis.call('TIME')
local now = tonumber(time[1]) + tonumber(time[2]) / 1000000
local newest = tonumber(redis.call('LINDEX', KEYS[1], 0) or 0)
local back = math.max(0, newest - now)
"""
_ACQUIRE = _NOW + """
local limit, expiry, amount = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
if back > 0 then
    local entries = redis.call('LRANGE', KEYS[1], 0, -1)
    redis.call('DEL', KEYS[1])
    for _, entry in ipairs(entries) do
        redis.call('RPUSH', KEYS[1], string.format('%.6f', tonumber(entry) - back))
    end
    redis.call('EXPIRE', KEYS[1], expiry)
end
if amount > limit then return 0 end
local last = tonumber(redis.call('LINDEX', KEYS[1], limit - amount) or 0)
if last > 0 and last >= now - expiry then return 0 end
for _ = 1, amount do redis.call('LPUSH', KEYS[1], string.format('%.6f', now)) end
redis.call('LTRIM', KEYS[1], 0, limit - 1)
redis.call('EXPIRE', KEYS[1], expiry)
return 1
"""
# The age of the oldest that counts, in seconds, and how many count: they are in the order of time.
_LOOK = _NOW + """
local first = now + back - tonumber(ARGV[2])
local low, high = 0, math.min(tonumber(ARGV[1]), redis.call('LLEN', KEYS[1]))
while low < high do
    local middle = math.floor((low + high) / 2)
    if tonumber(redis.call('LINDEX', KEYS[1], middle)) >= first then
        low = middle + 1
    else
        high = middle
    end
end
if low == 0 then return {'0', 0} end
local oldest = tonumber(redis.call('LINDEX', KEYS[1], low - 1))
return {string.format('%.6f', now + back - oldest), low}
"""


class OwnClockRedisStorage(RedisStorage):
    """Made for the addresses that `RedisStorage` takes; its own scheme is never asked for."""

    STORAGE_SCHEME = ["own-clock-redis"]

    def initialize_storage(self, _uri: str) -> None:
        super().initialize_storage(_uri)
        connection: Any = self.get_connection()
        self._acquire = connection.register_script(_ACQUIRE)
        self._look = connection.register_script(_LOOK)

    def acquire_entry(self, key: str, limit: int, expiry: int, amount: int = 1) -> bool:
        return bool(self._acquire([self.prefixed_key(key)], [limit, expiry, amount]))

    def get_moving_window(self, key: str, limit: int, expiry: int) -> tuple[float, int]:
        """When the oldest that counts came, by this host's clock; and how many count."""
        age_seconds, count = self._look([self.prefixed_key(key)], [limit, expiry])
        return time.time() - float(age_seconds), int(count)
