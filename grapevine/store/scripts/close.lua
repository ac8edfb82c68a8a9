-- Notes what became of a look at one placement that brought no counts, and closes a window that is over (rule 12).
-- KEYS[1] window (string with TTL), KEYS[2] reactions of the share (hash)
-- ARGV: network, now (s), reason ('' = none to note), 1 = a window that is over closes even if it was not read at last
-- returns "gathering", "closed" (now or before), or "gone" (nothing is known of this placement)
local known = redis.call('HGET', KEYS[2], ARGV[1])
if not known then return 'gone' end
local r = cjson.decode(known)
if r['closed'] or not r['ends'] then return 'closed' end
local over = redis.call('EXISTS', KEYS[1]) == 0 and (ARGV[4] == '1' or r['last'] ~= nil)
if ARGV[3] ~= '' then r['reason'], r['failed'], r['tried'] = ARGV[3], nil, nil end
if over then r['closed'] = tonumber(ARGV[2]) end
if over or ARGV[3] ~= '' then redis.call('HSET', KEYS[2], ARGV[1], cjson.encode(r)) end
return over and 'closed' or 'gathering'
