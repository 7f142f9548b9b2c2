import type { RedisScript } from "../transport";

/**
 * What the store of held rows does in Redis, all or nothing each. `KEYS[1]` is where its keys begin. Below it:
 *
 * - `row:<id>` a hash: `v` revision, `f` environment and flow, `k` kind, `g` node and version, `t` when it began, `s` status, `p` steps,
 *   `a` digests of the addresses that it awaits, `d` when it is due, `e` when it expires, `m` the rest as JSON, `c` its content
 * - sorted sets of ids: `due:<f>:<k>` by `d`; by `t`: `in:<f>:<s>`, `at:<f>:<step>` and `await:<f>:<digest>`
 * - `count:<f>` a hash: how many there are, by node, version, status and, of those that have not ended, steps
 * - sets: `flows`, `nodes:<f>` and `steps:<f>`, what there ever was
 * - `arrival:<id>` a hash: `f`, `a`, `m`, `c`; `came:<f>:<digest>` a sorted set of ids by the time when they came
 * - `expires` a sorted set of `row:<id>` and `arrival:<id>`; no row that is due at some time is in it
 */
const common = `
local P = KEYS[1]
local fields = { 'v', 'f', 'k', 'g', 't', 's', 'p', 'a', 'd', 'e' }
local ended = { completed = true, compensated = true }
local nothing = { s = '', p = '', a = '', d = '', e = '' }

local function load(id)
  local values = redis.call('HMGET', P .. 'row:' .. id, unpack(fields))
  if not values[1] then return nil end
  local row = {}
  for place, name in ipairs(fields) do row[name] = values[place] end
  return row
end

local function move(prefix, old, new, time, id, names)
  if old == new then return end
  local added = {}
  for word in string.gmatch(new, '%S+') do added[word] = true end
  for word in string.gmatch(old, '%S+') do
    if added[word] then added[word] = nil else redis.call('ZREM', prefix .. word, id) end
  end
  for word in pairs(added) do
    redis.call('ZADD', prefix .. word, time, id)
    if names then redis.call('SADD', names, word) end
  end
end

local function schedule(key, old, new, member)
  if old == new then return end
  if new == '' then redis.call('ZREM', key, member) else redis.call('ZADD', key, new, member) end
end

local function groupOf(row)
  if row.s == '' then return '' end
  if ended[row.s] or row.p == '' then return row.g .. ' ' .. row.s end
  return row.g .. ' ' .. row.s .. ' ' .. row.p
end

local function stepsOf(row)
  return ended[row.s] and '' or row.p
end

local function place(id, before, after)
  local f, k, t = (after or before).f, (after or before).k, (after or before).t
  local old, new = before or nothing, after or nothing
  local left, entered = groupOf(old), groupOf(new)
  if left ~= entered then
    if left ~= '' and redis.call('HINCRBY', P .. 'count:' .. f, left, -1) <= 0 then redis.call('HDEL', P .. 'count:' .. f, left) end
    if entered ~= '' then redis.call('HINCRBY', P .. 'count:' .. f, entered, 1) end
  end
  move(P .. 'in:' .. f .. ':', old.s, new.s, t, id)
  move(P .. 'at:' .. f .. ':', stepsOf(old), stepsOf(new), t, id, P .. 'steps:' .. f)
  move(P .. 'await:' .. f .. ':', old.a, new.a, t, id)
  schedule(P .. 'due:' .. f .. ':' .. k, old.d, new.d, id)
  schedule(P .. 'expires', old.d == '' and old.e or '', new.d == '' and new.e or '', 'row:' .. id)
end

local function drop(id, row)
  place(id, row, nil)
  redis.call('DEL', P .. 'row:' .. id)
end

local function dropArrival(id)
  local known = redis.call('HMGET', P .. 'arrival:' .. id, 'f', 'a')
  if known[1] then redis.call('ZREM', P .. 'came:' .. known[1] .. ':' .. known[2], id) end
  redis.call('ZREM', P .. 'expires', 'arrival:' .. id)
  redis.call('DEL', P .. 'arrival:' .. id)
end
`;

/** For each change its id and base, then `''` for an end, or the node, the fields `f` to `e`, `m` and `c`. Answers 1 or 0 for each. */
export const writeRows: RedisScript = {
  name: "millraceWriteRows",
  lua: `${common}
local answers = {}
local at = 1
while at <= #ARGV do
  local id, base, node = ARGV[at], ARGV[at + 1], ARGV[at + 2]
  local old = load(id)
  local fits = (old and old.v or '0') == base
  if node == '' then
    if fits then drop(id, old) end
    at = at + 3
  else
    if fits then
      local new = { v = tostring(tonumber(base) + 1) }
      for place = 2, #fields do new[fields[place]] = ARGV[at + 1 + place] end
      new.v = ARGV[at + 12]
      if not old then
        redis.call('SADD', P .. 'flows', new.f)
        redis.call('SADD', P .. 'nodes:' .. new.f, node)
      end
      place(id, old, new)
      redis.call('HSET', P .. 'row:' .. id, 'v', new.v, 'f', new.f, 'k', new.k, 'g', new.g, 't', new.t, 's', new.s, 'p', new.p,
        'a', new.a, 'd', new.d, 'e', new.e, 'm', ARGV[at + 13], 'c', ARGV[at + 14])
    end
    at = at + 15
  end
  answers[#answers + 1] = fits and 1 or 0
end
return answers`,
};

/** `f`, kind, now, limit, and until when they are lent. Answers `m` and `c` of each. */
export const takeDueRows: RedisScript = {
  name: "millraceTakeDueRows",
  lua: `${common}
local key = P .. 'due:' .. ARGV[1] .. ':' .. ARGV[2]
local answers = {}
for _, id in ipairs(redis.call('ZRANGEBYSCORE', key, '-inf', ARGV[3], 'LIMIT', 0, ARGV[4])) do
  redis.call('ZADD', key, ARGV[5], id)
  redis.call('HSET', P .. 'row:' .. id, 'd', ARGV[5])
  local row = redis.call('HMGET', P .. 'row:' .. id, 'm', 'c')
  answers[#answers + 1] = row[1]
  answers[#answers + 1] = row[2]
end
return answers`,
};

/** For each its id, its revision and \`d\`. */
export const setDueRows: RedisScript = {
  name: "millraceSetDueRows",
  lua: `${common}
for at = 1, #ARGV, 3 do
  local id = ARGV[at]
  local old = load(id)
  if old and old.v == ARGV[at + 1] then
    local new = {}
    for name, value in pairs(old) do new[name] = value end
    new.d = ARGV[at + 2]
    place(id, old, new)
    redis.call('HSET', P .. 'row:' .. id, 'd', new.d)
  end
end`,
};

/** For each its id, \`f\`, digest, when it came, when it expires, \`m\` and \`c\`. */
export const keepArrivals: RedisScript = {
  name: "millraceKeepArrivals",
  lua: `${common}
for at = 1, #ARGV, 7 do
  local id, f, digest = ARGV[at], ARGV[at + 1], ARGV[at + 2]
  if redis.call('EXISTS', P .. 'arrival:' .. id) == 0 then
    redis.call('HSET', P .. 'arrival:' .. id, 'f', f, 'a', digest, 'm', ARGV[at + 5], 'c', ARGV[at + 6])
    redis.call('ZADD', P .. 'came:' .. f .. ':' .. digest, ARGV[at + 3], id)
    redis.call('ZADD', P .. 'expires', ARGV[at + 4], 'arrival:' .. id)
  end
end`,
};

/** Ids. */
export const removeArrivals: RedisScript = {
  name: "millraceRemoveArrivals",
  lua: `${common}
for _, id in ipairs(ARGV) do dropArrival(id) end`,
};

/** Now, and how many at once. Answers how many there were. */
export const forgetExpired: RedisScript = {
  name: "millraceForgetExpired",
  lua: `${common}
local past = redis.call('ZRANGEBYSCORE', P .. 'expires', '-inf', ARGV[1], 'LIMIT', 0, ARGV[2])
for _, member in ipairs(past) do
  local id = string.match(member, '^row:(.*)$')
  if id then
    local row = load(id)
    if row then drop(id, row) end
    redis.call('ZREM', P .. 'expires', member)
  else
    dropArrival(string.sub(member, 9))
  end
end
return #past`,
};
