-- Takes from a budget if it holds as much; what was taken counts even if its taker dies.
-- KEYS[1] used so far (string with TTL); ARGV: 1 amount, 2 how much may be used up ('' = no bound), 3 TTL (ms)
-- returns how much is used up now, or -1 when nothing was taken
local used = tonumber(redis.call('GET', KEYS[1]) or '0')
if ARGV[2] ~= '' and used + tonumber(ARGV[1]) > tonumber(ARGV[2]) then return -1 end
used = redis.call('INCRBY', KEYS[1], ARGV[1])
redis.call('PEXPIRE', KEYS[1], ARGV[3])
return used
