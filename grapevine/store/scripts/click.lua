-- Settles a batch of clicks of one share wholly and once: visitors, receipt, days, news (design §4; rules 1, 5, 6, 7).
-- A receipt's unique clicks are those of its networks together, so that they add up however it is written.
-- Visitors are a cascade of intsets: a node holds at most 511 signed 64-bit tags (8 bytes each; the 513th would make it
-- a hash table of 70); a new tag goes to the first node on its path that is not full, and never moves.
-- KEYS: 1 receipt, 2 gathering, 3 batch, 4 share's days, 5 member's days, 6 news, 7 visitors (root),
--       then for each click with a tag its nodes of levels 1, 2, …, then the cap key of each address that is watched
-- ARGV: 1 number of the batch, 2 seconds to remember it, 3 share, 4 visitor cap, 5 levels passed (0 = not deep),
--       6 clicks with a tag, 7 "1" when there are no deeper levels; then the clicks, in runs of the same
--       network, account, day, latest time, and how many: each a tag; or a row; or "=", the tag, and how many new
--       visitors of its address, which is watched, Redis was not told of yet
-- returns a letter a click: u(nique), r(epeat), c(apped), g(iven row), "-" not gathered;
--       or {"closed"}, {"done"} (settled before), {"deep"} (call again with one level more): nothing was changed then
local call, CAPACITY, HOUR = redis.call, 511, 3600
local state = call('HMGET', KEYS[1], 'open', 'last')
if state[1] ~= '1' then return {'closed'} end
local last = call('GET', KEYS[3])
if last and tonumber(last) >= tonumber(ARGV[1]) then return {'done'} end
local root, cap, levels, visits = KEYS[7], tonumber(ARGV[4]), tonumber(ARGV[5]), tonumber(ARGV[6])
local size = visits > 0 and call('SCARD', root) or 0
if size + visits > CAPACITY then
  if levels == 0 then return {'deep'} end
  if ARGV[7] ~= '1' then
    -- before anything is written: does the deepest node of each path have room for all who might go there?
    local more = {}
    for i = 7 + levels, 7 + visits * levels, levels do
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

local first, watched = 8, 8 + visits * levels
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
local said, rows, uniques, latest, at = {}, {}, 0, 0, 8
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
      if letter == 'u' then
        here = here + 1
      else
        local row = LETTERS[letter] or item
        rows[row] = (rows[row] or 0) + 1
      end
    end
    if is_visit then first = first + levels end
    said[#said + 1] = letter
  end
  if here > 0 then
    uniques, latest = uniques + here, math.max(latest, tonumber(time))
    call('HINCRBY', KEYS[1], 'u:' .. network, here)
    call('HINCRBY', KEYS[4], day, here)
    call('HINCRBY', KEYS[5], day, here)
  end
end

for row, count in pairs(rows) do call('HINCRBY', KEYS[1], row, count) end
if uniques > 0 then
  call('HINCRBY', KEYS[6], ARGV[3], uniques)
  -- to the minute: it decides about months
  if latest >= tonumber(state[2] or '0') + 60 then call('HSET', KEYS[1], 'last', string.format('%d', latest)) end
end
call('SET', KEYS[3], ARGV[1], 'EX', ARGV[2])
return table.concat(said)
