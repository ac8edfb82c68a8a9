-- Settles a batch of clicks of one share wholly and once: visitors, receipt, days, news (design §4; rules 1, 5, 6, 7).
-- A receipt's unique clicks are those of its networks together, so that they add up however it is written.
-- Visitors are a cascade of intsets: a node holds at most 511 signed 64-bit tags (8 bytes each; the 513th would make it
-- a hash table of 70); a new tag goes to the first node on its path that is not full, and never moves.
-- KEYS: 1 receipt, 2 gathering, 3 member's days, 4 news, 5 visitors (root),
--       then for each click with a tag its nodes of levels 1, 2, …, then the cap key of each address that is watched
-- ARGV: 1 number of the batch, 2 today (days since 1970), 3 share, 4 visitor cap, 5 levels passed (0 = not deep),
--       6 clicks with a tag, 7 "1" when there are no deeper levels, 8 the writer's mark; then the clicks, in runs of the
--       same network, account, day, latest time, and how many: each a tag; or a row; or "=", the tag, and how many new
--       visitors of its address, which is watched, Redis was not told of yet
-- returns a letter a click: u(nique), r(epeat), c(apped), g(iven row), "-" not gathered;
--       or {"closed"}, {"done"} (settled before), {"deep"} (call again with one level more): nothing was changed then
-- A mark is the latest number of a writer, times MARK, plus the day; after FORGOTTEN days nobody asks for it any more.
local call, CAPACITY, HOUR, MARK, FORGOTTEN = redis.call, 511, 3600, 100000, 8
local number, mark = tonumber(ARGV[1]), ARGV[8]
local credit, dated = 'u:' .. (ARGV[9] or ''), 'd:' .. (ARGV[11] or '')
local state = call('HMGET', KEYS[1], 'open', 'last', mark, credit, dated, 'repeat')
if state[1] ~= '1' then return {'closed'} end
if state[3] and tonumber(state[3]) >= number * MARK then return {'done'} end
local stamp = number * MARK + ARGV[2]

-- nearly every batch where many shares are clicked: the same as below for one visitor, without what that takes not
if state[3] and ARGV[5] == '0' and #ARGV == 14 and ARGV[6] == '1' and call('SCARD', KEYS[5]) < CAPACITY then
  if ARGV[10] ~= '' and call('HGET', KEYS[2], ARGV[10]) ~= '1' then
    call('HSET', KEYS[1], mark, stamp)
    return '-'
  end
  if call('SADD', KEYS[5], ARGV[14]) == 0 then
    call('HSET', KEYS[1], mark, stamp, 'repeat', (state[6] or 0) + 1)
    return 'r'
  end
  local last = ARGV[12] - (state[2] or 0) < 60 and state[2] or ARGV[12]
  call('HSET', KEYS[1], mark, stamp, credit, (state[4] or 0) + 1, dated, (state[5] or 0) + 1, 'last', last)
  call('HINCRBY', KEYS[3], ARGV[11], '1')
  call('HINCRBY', KEYS[4], ARGV[3], '1')
  return 'u'
end

local root, cap, levels, visits = KEYS[5], tonumber(ARGV[4]), tonumber(ARGV[5]), tonumber(ARGV[6])
local size = visits > 0 and call('SCARD', root) or 0
if size + visits > CAPACITY then
  if levels == 0 then return {'deep'} end
  if ARGV[7] ~= '1' then
    -- before anything is written: does the deepest node of each path have room for all who might go there?
    local more = {}
    for i = 5 + levels, 5 + visits * levels, levels do
      local node = KEYS[i]
      more[node] = (more[node] or call('SCARD', node)) + 1
      if more[node] > CAPACITY then return {'deep'} end
    end
  end
end

-- the node that a new visitor belongs into, nil for one who is in another; first = index of the level-1 node
local function place(tag, first)
  if size < CAPACITY then return root end
  if call('SISMEMBER', root, tag) == 1 then return nil end
  for i = first, first + levels - 2 do
    if call('SCARD', KEYS[i]) < CAPACITY then return KEYS[i] end
    if call('SISMEMBER', KEYS[i], tag) == 1 then return nil end
  end
  return KEYS[first + levels - 1]
end

local function enter(node, tag)
  local new = call('SADD', node, tag)
  if node == root then size = size + new end
  return new == 1
end

local first, watched = 6, 6 + visits * levels
-- *key*: nil when the address is not watched
local function visit(tag, key)
  local node = place(tag, first)
  if not key then return node and enter(node, tag) and 'u' or 'r' end
  if not node or call('SISMEMBER', node, tag) == 1 then return 'r' end
  if tonumber(call('GET', key) or '0') >= cap then return 'c' end
  enter(node, tag)
  if call('INCR', key) == 1 then call('EXPIRE', key, HOUR) end
  return 'u'
end

local LETTERS = {r = 'repeat', c = 'capped'}
local said, more, uniques, latest, at = {}, {}, 0, 0, 9
local function add(field, count) more[field] = (more[field] or 0) + count end
while ARGV[at] do
  local network, account, day, time, count = unpack(ARGV, at, at + 4)
  local gathers = account == '' or call('HGET', KEYS[2], account) == '1'
  local here = 0
  at = at + 5
  for _ = 1, tonumber(count) do
    local item, letter, key = ARGV[at], '-', nil
    local is_visit = string.byte(item) <= 61  -- "=", "-", or a digit
    at = at + 1
    if item == '=' then
      local untold = tonumber(ARGV[at + 1])
      item, key = ARGV[at], KEYS[watched]
      at, watched = at + 2, watched + 1
      if untold > 0 and call('INCRBY', key, untold) == untold then call('EXPIRE', key, HOUR) end
    end
    if gathers then
      letter = is_visit and visit(item, key) or 'g'
      if letter == 'u' then here = here + 1 else add(LETTERS[letter] or item, 1) end
    end
    if is_visit then first = first + levels end
    said[#said + 1] = letter
  end
  if here > 0 then
    uniques, latest = uniques + here, math.max(latest, tonumber(time))
    add('u:' .. network, here)
    add('d:' .. day, here)
    call('HINCRBY', KEYS[3], day, here)
  end
end

-- all that the receipt says is written at once; what it said of the likely fields is known
local known = {[credit] = state[4] or '0', [dated] = state[5] or '0', ['repeat'] = state[6] or '0'}
local news = {mark, stamp}
for field, count in pairs(more) do
  news[#news + 1] = field
  news[#news + 1] = (known[field] or call('HGET', KEYS[1], field) or 0) + count
end
if uniques > 0 then
  call('HINCRBY', KEYS[4], ARGV[3], uniques)
  -- to the minute: it decides about months
  if latest >= (state[2] or 0) + 60 then
    news[#news + 1] = 'last'
    news[#news + 1] = latest
  end
end
if not state[3] then  -- a new writer: those of old are gone
  for _, field in ipairs(call('HKEYS', KEYS[1])) do
    if string.sub(field, 1, 2) == 'b:' and call('HGET', KEYS[1], field) % MARK < ARGV[2] - FORGOTTEN then
      call('HDEL', KEYS[1], field)
    end
  end
end
call('HSET', KEYS[1], unpack(news))
return table.concat(said)
