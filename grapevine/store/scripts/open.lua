-- Begins to gather a placement's reactions, if its share still exists: what was erased does not come back.
-- KEYS[1] share (string), KEYS[2] window (string with TTL), KEYS[3] reactions of the share (hash)
-- ARGV: network, its first record (JSON), window (ms; 0 = none: its reactions are never read)
-- returns 1 when the record stands (now or before), 0 when there is no such share
local call = redis.call
if call('EXISTS', KEYS[1]) == 0 then return 0 end
if call('HSETNX', KEYS[3], ARGV[1], ARGV[2]) == 1 and ARGV[3] ~= '0' then
  call('SET', KEYS[2], '1', 'PX', ARGV[3])
end
return 1
