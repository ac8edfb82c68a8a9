-- Holds a lease, or holds it on; frees it when the time is 0.
-- KEYS[1] lease (string with TTL); ARGV[1] who, ARGV[2] time (ms)
-- returns 1 when it is (or was) theirs, 0 when somebody else has it
local owner = redis.call('GET', KEYS[1])
if owner and owner ~= ARGV[1] then return 0 end
if ARGV[2] == '0' then
  redis.call('DEL', KEYS[1])
else
  redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
end
return 1
