-- Notes that reading one placement failed: how often in a row, and when at last. Reading it ends the row.
-- KEYS[1] reactions of the share (hash)
-- ARGV: network, now (s)
-- returns how often it has failed in a row, 0 when it is not gathered (any more)
local known = redis.call('HGET', KEYS[1], ARGV[1])
if not known then return 0 end
local r = cjson.decode(known)
if r['closed'] or not r['ends'] then return 0 end
r['failed'], r['tried'] = (r['failed'] or 0) + 1, tonumber(ARGV[2])
redis.call('HSET', KEYS[1], ARGV[1], cjson.encode(r))
return r['failed']
