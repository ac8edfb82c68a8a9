-- Moves a placement to a new status if it is in an expected state, so that two workers never both publish it.
-- KEYS[1] statuses of the share (hash), KEYS[2] reach by day (hash)
-- ARGV[1] network, ARGV[2] new status (JSON), ARGV[3] day and ARGV[4] reach that falls away with the move (0 = none),
-- ARGV[5..] expected states
-- returns 1 when moved, 0 when it was in another state or is gone
local known = redis.call('HGET', KEYS[1], ARGV[1])
if not known then return 0 end
local state = cjson.decode(known)['state']
for i = 5, #ARGV do
  if state == ARGV[i] then
    redis.call('HSET', KEYS[1], ARGV[1], ARGV[2])
    if ARGV[4] ~= '0' then redis.call('HINCRBY', KEYS[2], ARGV[3], '-' .. ARGV[4]) end
    return 1
  end
end
return 0
