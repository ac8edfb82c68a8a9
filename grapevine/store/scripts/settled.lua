-- Uses up a hint unless it was set anew meanwhile.
-- KEYS[1] due list (sorted set); ARGV[1] name, ARGV[2] the moment that the caller had set
local at = redis.call('ZSCORE', KEYS[1], ARGV[1])
if at and tonumber(at) == tonumber(ARGV[2]) then return redis.call('ZREM', KEYS[1], ARGV[1]) end
return 0
