-- Deletes a key that still says what the caller believes; what somebody else has put there stays.
-- KEYS[1] a string; ARGV[1] its value
-- returns 1 when deleted, else 0
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
return redis.call('DEL', KEYS[1])
