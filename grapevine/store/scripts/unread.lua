-- Gives back the price of posts that were paid for on this day and could not be read.
-- KEYS: 1 the month's spending (hash), 2 the posts that were read on this day (set); ARGV: price of one, posts
-- returns how many those were
local back = 0
for i = 2, #ARGV do back = back + redis.call('SREM', KEYS[2], ARGV[i]) end
redis.call('HINCRBY', KEYS[1], 'spent', -back * tonumber(ARGV[1]))
return back
