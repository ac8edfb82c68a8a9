-- Takes what was read of one placement. A rise sets the window anew; nothing resurrects an expired one (rules 12, 13).
-- KEYS[1] window (string with TTL), KEYS[2] reactions of the share (hash), KEYS[3] member's reaction days (hash)
-- ARGV: network, likes, comments, reshares ('' = not told), now (s), window (ms), day, 1 if this read may be the last one before the end,
--       the network's own count of link clicks ('' = not told)
-- returns {state, ends}: "gathering" (ends = s), "closed" (just now), "frozen" (was closed before: nothing was changed)
local net, now = ARGV[1], tonumber(ARGV[5])
local known = redis.call('HGET', KEYS[2], net)
if not known then return {'frozen', '0'} end
local r = cjson.decode(known)
if r['closed'] then return {'frozen', '0'} end

local old = r['counts'] or {likes = 0, comments = 0, reshares = 0}
local new = {likes = tonumber(ARGV[2]), comments = tonumber(ARGV[3]), reshares = tonumber(ARGV[4])}
-- what is not told neither rises nor falls: what was known of it stays aside, until it is told again
local before = old.reshares or r['reshared'] or 0
local now_known = new.reshares or before
local rise = new.likes > old.likes or new.comments > old.comments or now_known > before
local change = new.likes + new.comments + now_known - old.likes - old.comments - before
r['reshared'] = nil
if not new.reshares and before > 0 then r['reshared'] = before end
if change ~= 0 then redis.call('HINCRBY', KEYS[3], ARGV[7], change) end
r['counts'], r['checked'], r['reason'], r['failed'], r['tried'] = new, now, nil, nil, nil
if ARGV[9] ~= '' then r['link_clicks'] = tonumber(ARGV[9]) end

local state = 'gathering'
if redis.call('EXISTS', KEYS[1]) == 0 then
  -- the closing read after an outage: taken, then the counts are frozen for ever
  r['closed'], state = now, 'closed'
elseif rise then
  redis.call('SET', KEYS[1], '1', 'PX', ARGV[6])
  r['ends'], r['last'] = now + tonumber(ARGV[6]) / 1000, nil
elseif ARGV[8] == '1' then
  r['last'] = now
end
redis.call('HSET', KEYS[2], net, cjson.encode(r))
return {state, tostring(r['ends'])}
