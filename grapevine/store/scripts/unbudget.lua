-- Gives back what was taken from a budget and not used; a budget that is over stays over.
-- KEYS[1] used so far (string with TTL); ARGV[1] amount
-- returns how much is used up now
local used = tonumber(redis.call('GET', KEYS[1]) or '0')
local back = math.min(used, tonumber(ARGV[1]))
if back > 0 then return redis.call('DECRBY', KEYS[1], back) end
return used
