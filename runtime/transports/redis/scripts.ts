import { Script } from "./script";

/**
 * Adds entries and trims once, behind the last. KEYS: stream. ARGV: `MAXLEN` or `MINID` or nothing, its threshold (an age in ms for `MINID`),
 * then for each entry how many parts it has, and those. Answers the ids.
 */
export const addEntries = new Script(`
local ids, at = {}, 3
while at <= #ARGV do
  local parts = tonumber(ARGV[at])
  ids[#ids + 1] = redis.call('XADD', KEYS[1], '*', unpack(ARGV, at + 1, at + parts))
  at = at + 1 + parts
end
if ARGV[1] == 'MAXLEN' then
  redis.call('XTRIM', KEYS[1], 'MAXLEN', '~', ARGV[2])
elseif ARGV[1] == 'MINID' then
  local now = redis.call('TIME')
  redis.call('XTRIM', KEYS[1], 'MINID', '~', string.format('%.0f', now[1] * 1000 + math.floor(now[2] / 1000) - ARGV[2]))
end
return ids`);

/** `name` of a flat list of names and values. */
const pick = `
local function pick(list, name)
  for at = 1, #list, 2 do if list[at] == name then return list[at + 1] end end
end`;

/**
 * How many entries wait ahead of a group. Redis knows by counting what the group has read, and after it was killed that count may be behind the
 * group's position: with nothing behind that, nothing waits. KEYS: stream. ARGV: group. Answers nothing where Redis cannot tell.
 */
export const countAhead = new Script(`${pick}
local last = pick(redis.call('XINFO', 'STREAM', KEYS[1]), 'last-generated-id')
for _, group in ipairs(redis.call('XINFO', 'GROUPS', KEYS[1])) do
  if pick(group, 'name') == ARGV[1] then
    if pick(group, 'last-delivered-id') == last then return 0 end
    return pick(group, 'lag')
  end
end`);

const compare = `
local function after(a, b)
  local ams, aseq = string.match(a, '^(%d+)-(%d+)$')
  local bms, bseq = string.match(b, '^(%d+)-(%d+)$')
  if ams ~= bms then return tonumber(ams) > tonumber(bms) end
  if #aseq ~= #bseq then return #aseq > #bseq end
  return aseq > bseq
end`;

/**
 * Reads the next entries of a group, unless some were trimmed before they were read, or another worker has the lease. What was trimmed is
 * known by counting: more is gone from the beginning of the stream than the group has read. (Where entries ahead were deleted one by one,
 * nothing can be told.) The count is written down with each reading: of a reading itself Redis writes only how far it went, and once it was
 * killed counts too few. A group that stands at the end has read all, whatever Redis counts.
 * KEYS: stream, and the lease where there is one. ARGV: group, consumer, count.
 * Answers `read`, id before, entries | `gap`, how many | `lost`.
 */
export const readNext = new Script(`${pick}${compare}
if KEYS[2] and redis.call('GET', KEYS[2]) ~= ARGV[2] then return {'lost'} end
local stream = redis.call('XINFO', 'STREAM', KEYS[1])
local before, read
for _, group in ipairs(redis.call('XINFO', 'GROUPS', KEYS[1])) do
  if pick(group, 'name') == ARGV[1] then
    before = pick(group, 'last-delivered-id')
    read = pick(group, 'entries-read')
  end
end
if not before then return redis.error_reply('NOGROUP No such consumer group') end
local first, added, deleted = pick(stream, 'first-entry'), pick(stream, 'entries-added'), pick(stream, 'max-deleted-entry-id')
if before == pick(stream, 'last-generated-id') then read = added end
local counted = read and added and not after(deleted, before)
if counted and (not first or after(first[1], before)) then
  local gone = added - pick(stream, 'length') - read
  if gone > 0 then return {'gap', gone} end
end
local answer = redis.call('XREADGROUP', 'GROUP', ARGV[1], ARGV[2], 'COUNT', ARGV[3], 'STREAMS', KEYS[1], '>')
if not answer then return {'read', before, {}} end
local entries = answer[1][2]
if counted then
  redis.call('XGROUP', 'SETID', KEYS[1], ARGV[1], entries[#entries][1], 'ENTRIESREAD', read + #entries)
end
return {'read', before, entries}`);

/**
 * Makes a group that begins behind an id, and its stream, counting what was trimmed before as read; or moves one that is there.
 * KEYS: stream. ARGV: `CREATE` or `SETID`, group, id (`0`, `$`, another; of one that is moved: nothing = where it stands).
 */
export const placeGroup = new Script(`${pick}
local id, read = ARGV[3], 0
if redis.call('EXISTS', KEYS[1]) == 1 then
  local stream = redis.call('XINFO', 'STREAM', KEYS[1])
  read = pick(stream, 'entries-added') - (id == '$' and 0 or pick(stream, 'length'))
end
if id == '' then
  for _, group in ipairs(redis.call('XINFO', 'GROUPS', KEYS[1])) do
    if pick(group, 'name') == ARGV[2] then id = pick(group, 'last-delivered-id') end
  end
end
local words = {'XGROUP', ARGV[1], KEYS[1], ARGV[2], id}
if ARGV[1] == 'CREATE' then words[#words + 1] = 'MKSTREAM' end
if id == '0' or id == '$' or ARGV[3] == '' then
  words[#words + 1] = 'ENTRIESREAD'
  words[#words + 1] = read
end
return redis.call(unpack(words))`);

/**
 * Takes over entries that others were given, where they still have them. What is no more in the stream is told and left pending: Redis itself
 * would forget it. KEYS: stream, and the lease where there is one. ARGV: group, consumer, then ids and who is thought to have them by turns.
 * Answers `taken`, entries, ids that are gone | `lost`.
 */
export const takeOver = new Script(`
if KEYS[2] and redis.call('GET', KEYS[2]) ~= ARGV[2] then return {'lost'} end
local taken, gone = {}, {}
for at = 3, #ARGV, 2 do
  local pending = redis.call('XPENDING', KEYS[1], ARGV[1], ARGV[at], ARGV[at], 1)[1]
  if pending and pending[2] == ARGV[at + 1] then
    if #redis.call('XRANGE', KEYS[1], ARGV[at], ARGV[at]) == 0 then gone[#gone + 1] = ARGV[at]
    else taken[#taken + 1] = redis.call('XCLAIM', KEYS[1], ARGV[1], ARGV[2], 0, ARGV[at])[1] end
  end
end
return {'taken', taken, gone}`);

/**
 * A consumer leaves: what it has not settled counts as not delivered to it, and when nothing is pending it is removed.
 * KEYS: stream. ARGV: group, consumer, most to look at.
 */
export const leaveGroup = new Script(`
local pending = redis.call('XPENDING', KEYS[1], ARGV[1], '-', '+', ARGV[3], ARGV[2])
for _, entry in ipairs(pending) do
  if #redis.call('XRANGE', KEYS[1], entry[1], entry[1]) == 1 then
    redis.call('XCLAIM', KEYS[1], ARGV[1], ARGV[2], 0, entry[1], 'RETRYCOUNT', math.max(entry[4] - 1, 0), 'JUSTID')
  end
end
if #pending == 0 then redis.call('XGROUP', 'DELCONSUMER', KEYS[1], ARGV[1], ARGV[2]) end
return #pending`);

/** Removes a consumer that has nothing pending. KEYS: stream. ARGV: group, consumer. */
export const buryConsumer = new Script(`
if #redis.call('XPENDING', KEYS[1], ARGV[1], '-', '+', 1, ARGV[2]) > 0 then return 0 end
redis.call('XGROUP', 'DELCONSUMER', KEYS[1], ARGV[1], ARGV[2])
return 1`);

/**
 * A consumer says that it is there. KEYS: the members. ARGV: consumer, ms after which one counts as dead.
 * Answers whether it was still known, and all who are there.
 */
export const joinMembers = new Script(`
local now = redis.call('TIME')
local ms = now[1] * 1000 + math.floor(now[2] / 1000)
local known = redis.call('ZSCORE', KEYS[1], ARGV[1])
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', string.format('(%.0f', ms - ARGV[2]))
redis.call('ZADD', KEYS[1], string.format('%.0f', ms), ARGV[1])
redis.call('PEXPIRE', KEYS[1], ARGV[2] * 10)
return {known and 1 or 0, redis.call('ZRANGE', KEYS[1], 0, -1)}`);

/** Takes a lease that nobody has, or renews one's own. KEYS: the lease. ARGV: consumer, ms. Answers 1 when it is the consumer's. */
export const holdLease = new Script(`
local owner = redis.call('GET', KEYS[1])
if owner and owner ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
return 1`);

/** KEYS: the lease. ARGV: consumer. */
export const releaseLease = new Script(`
if redis.call('GET', KEYS[1]) == ARGV[1] then redis.call('DEL', KEYS[1]) end
return 1`);
