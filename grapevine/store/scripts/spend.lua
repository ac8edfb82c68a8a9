-- Takes an amount out of a month's budget under a name, once; a second time nothing.
-- KEYS[1] the month's spending (hash)
-- ARGV: 1 name, 2 amount, 3 what the month may come to with it (-1 = anything), 4 lifetime (s)
-- returns 1 when it was taken now, 2 when it was before, 0 when the budget has no room for it
local field, amount, bound = 'r:' .. ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3])
if redis.call('HEXISTS', KEYS[1], field) == 1 then return 2 end
if bound >= 0 and tonumber(redis.call('HGET', KEYS[1], 'spent') or '0') + amount > bound then return 0 end
redis.call('HSET', KEYS[1], field, amount)
redis.call('HINCRBY', KEYS[1], 'spent', amount)
redis.call('EXPIRE', KEYS[1], ARGV[4])
return 1
