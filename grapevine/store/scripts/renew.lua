-- Puts a new token in the place of the one that was read; one wiped or replaced meanwhile stays so.
-- KEYS[1] tokens (hash); ARGV: 1 account, 2 the token as read, 3 the new one
-- returns 1 when kept, else 0
if redis.call('HGET', KEYS[1], ARGV[1]) ~= ARGV[2] then return 0 end
redis.call('HSET', KEYS[1], ARGV[1], ARGV[3])
return 1
