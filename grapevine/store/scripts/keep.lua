-- Keeps where a message about a share stands, unless its member was erased meanwhile.
-- KEYS[1] member's record (hash), KEYS[2] the share's messages (hash)
-- ARGV[1] what the message is about, ARGV[2] message (JSON), ARGV[3] how long they are kept (s)
-- returns 1, or 0 when there is nobody to keep it for
if redis.call('HEXISTS', KEYS[1], 'team') == 0 or redis.call('HEXISTS', KEYS[1], 'erasing') == 1 then return 0 end
redis.call('HSET', KEYS[2], ARGV[1], ARGV[2])
redis.call('EXPIRE', KEYS[2], ARGV[3])
return 1
