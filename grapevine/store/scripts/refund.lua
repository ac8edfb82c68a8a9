-- Gives back what was taken out of a month's budget under a name; a second time nothing.
-- KEYS[1] the month's spending (hash); ARGV[1] name
-- returns the amount that was given back
local field = 'r:' .. ARGV[1]
local amount = tonumber(redis.call('HGET', KEYS[1], field) or '0')
if redis.call('HDEL', KEYS[1], field) == 1 then redis.call('HINCRBY', KEYS[1], 'spent', -amount) end
return amount
