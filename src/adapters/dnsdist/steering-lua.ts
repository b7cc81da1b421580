/**
 * The program that each thread of dnsdist runs for every query (LuaFFIPerThreadAction): answers exactly what is drawn by weight, by
 * client or by its prefix, from a table that the agent keeps current in a file (steering-table.ts), and counts what it answers.
 * What must stay true: it is the twin of core/steering/evaluate.ts; what it does not know how to answer it leaves to PowerDNS, with
 * the packet cache off where the answer differs from query to query; a query costs one look at a number in shared memory to know
 * that the table is current. Sources: RFC 1035 4.1, RFC 6891, RFC 7871; dnsdist 1.7.3 "Lua FFI".
 */
import { prefixText, type SubnetTrust } from '../lua/lua-prefix.ts'
import { luaString } from '../lua/lua-string.ts'
import { STEERING_LIBRARY } from './steering-library.ts'

/** Counters of a thread: queries and values, by slot. */
export const COUNTER_SLOTS = 131_072

export interface SteeringProgramOptions {
  /** Of the table, with a slash at its end. */
  readonly directory: string
}

/** `directory` holds the table and the counters. */
export function steeringProgram({ directory }: SteeringProgramOptions): string {
  return [`local directory = ${luaString(directory)}`, `local SLOTS = ${COUNTER_SLOTS}`, PROGRAM].join('\n')
}

/** Resolvers whose EDNS client subnet is believed, as the table has them. */
export function trustText(trust: SubnetTrust): string {
  return trust === 'all' ? 'all' : trust.map(prefixText).join(' ')
}

const PROGRAM = `
local ffi, bit = require('ffi'), require('bit')
local C = ffi.C
ffi.cdef[[
int open(const char *path, int flags, ...);
int posix_fallocate(int fd, long offset, long length);
int close(int fd);
void *mmap(void *address, size_t length, int protection, int flags, int fd, long offset);
int munmap(void *address, size_t length);
long syscall(long number, ...);
]]
local band, bor, lshift, rshift = bit.band, bit.bor, bit.lshift, bit.rshift
local log, random = math.log, math.random
local P = 33554393
local none = DNSAction.None
local changed = DNSAction.HeaderModify

local seed = io.open('/dev/urandom', 'rb')
local b1, b2, b3, b4 = seed:read(4):byte(1, 4)
seed:close()
math.randomseed(((b1 * 256 + b2) * 256 + b3) * 256 + b4)
local thread = tonumber(C.syscall(jit.arch == 'arm64' and 178 or 186))

-- Where the table stands: its epoch and how much of it is written, in one word.
local function shared(path, length, flags, protection)
  local fd = C.open(path, flags, ffi.cast('int', 384))
  if fd < 0 then return nil end
  -- Room for all of it: a page that a full disk does not have kills the process that writes into it.
  if protection == 3 and C.posix_fallocate(fd, 0, length) ~= 0 then
    C.close(fd)
    return nil
  end
  local memory = C.mmap(nil, length, protection, 1, fd, 0)
  C.close(fd)
  if ffi.cast('intptr_t', memory) == -1 then return nil end
  return memory
end

local place = shared(directory .. 'position', 8, 0, 1)
-- Looked at for each query as two numbers, and read as one when they are others.
local halves = ffi.cast('volatile uint32_t*', place)
local whole = ffi.cast('volatile uint64_t*', place)
local epoch, offset = 0, 0
local entries, wild, sets, believed, hasWild = {}, {}, {}, nil, false
local counts = nil
local sink = ffi.new('uint64_t[1]')

${STEERING_LIBRARY}
-- The table.
local function wire(name)
  local labels = {}
  for label in name:gmatch('[^.]+') do labels[#labels + 1] = string.char(#label) .. label end
  return table.concat(labels) .. '\\0'
end
local function valuesOf(text, slot)
  local slots = {}
  for value in text:gmatch('[^,]+') do
    slot = slot + 1
    slots[value] = slot
  end
  return slots
end
-- By name, then by type: a query makes no text of the two.
local function put(name, type, entry)
  local key = wire(name)
  local types = entries[key] or {}
  types[tonumber(type)] = entry
  entries[key] = next(types) ~= nil and types or nil
end
local handlers = {}
-- name, type, slot, ttl, values, code
function handlers.answer(name, type, slot, ttl, values, code)
  local branches = assert(loadstring('local F = ... ' .. code))(K)
  put(name, type, {
    slot = tonumber(slot), type = tonumber(type), ttl = tonumber(ttl), slots = valuesOf(values, tonumber(slot)),
    branches = branches, forAll = isForAll(branches),
  })
end
-- Left to PowerDNS, and in no cache.
function handlers.pass(name, type, slot)
  if name:sub(1, 2) == '*.' then
    wild[wire(name:sub(3))] = true
    hasWild = true
  else put(name, type, { slot = tonumber(slot), skip = true }) end
end
-- Left to PowerDNS.
function handlers.count(name, type, slot)
  put(name, type, { slot = tonumber(slot) })
end
function handlers.gone(name, type)
  if name:sub(1, 2) == '*.' then wild[wire(name:sub(3))] = nil
  else put(name, type, nil) end
end
function handlers.set(name, include, exclude) sets[name] = prefixSet(include, exclude) end
function handlers.trust(text)
  believed = nil
  if text ~= 'all' then believed = prefixSet(text, '') end
end

local function open(nextEpoch)
  epoch, offset, entries, wild, sets, believed, hasWild = nextEpoch, 0, {}, {}, {}, nil, false
  if counts ~= nil then C.munmap(counts, SLOTS * 8) end
  local memory = shared(directory .. 'counts.' .. epoch .. '.' .. thread, SLOTS * 8, 66, 3)
  counts = memory and ffi.cast('uint64_t*', memory)
end
local function refresh(now)
  local nextEpoch, length = tonumber(now / 4294967296ULL), tonumber(now % 4294967296ULL)
  local file = io.open(directory .. 'table.' .. nextEpoch, 'rb')
  if file == nil then return end
  if nextEpoch ~= epoch then open(nextEpoch) end
  file:seek('set', offset)
  local text = file:read(length - offset) or ''
  file:close()
  for line in text:gmatch('([^\\n]*)\\n') do
    local fields = {}
    for field in (line .. '\\t'):gmatch('([^\\t]*)\\t') do fields[#fields + 1] = field end
    local ok, fault = pcall(handlers[fields[1]], unpack(fields, 2))
    if not ok then errlog('fairlead: ' .. tostring(fault)) end
  end
  offset = length
end
local function tally(slot)
  if counts ~= nil and slot < SLOTS then counts[slot] = counts[slot] + 1 end
end

-- Of the query at hand.
local pointer, size = ffi.new('const char*[1]'), ffi.new('size_t[1]')

-- Above a name that is drawn at a wildcard nothing may be kept either.
local function isWild(raw)
  local start = 1 + raw:byte(1) + 1
  while start < #raw do
    if wild[raw:sub(start)] then return true end
    start = start + raw:byte(start) + 1
  end
  return wild['\\0'] == true
end

-- EDNS of the query: nil where it is not for here; then whether there is one, DO, its size, and the client subnet option.
local function edns(header, at0, length)
  if header[10] == 0 and header[11] == 0 then
    if length ~= at0 then return nil end
    return false, 0, 512, nil
  end
  if header[10] ~= 0 or header[11] ~= 1 or at0 + 11 > length then return nil end
  if header[at0] ~= 0 or header[at0 + 1] ~= 0 or header[at0 + 2] ~= 41 then return nil end
  -- Extended rcode 0, version 0: others are PowerDNS's to answer.
  if header[at0 + 5] ~= 0 or header[at0 + 6] ~= 0 then return nil end
  local limit = header[at0 + 3] * 256 + header[at0 + 4]
  local finish = at0 + 11 + header[at0 + 9] * 256 + header[at0 + 10]
  if finish ~= length then return nil end
  local option, i = nil, at0 + 11
  while i + 4 <= finish do
    local code, more = header[i] * 256 + header[i + 1], header[i + 2] * 256 + header[i + 3]
    if i + 4 + more > finish then return nil end
    if code == 8 then option = ffi.string(header + i + 4, more) end
    i = i + 4 + more
  end
  if i ~= finish then return nil end
  return true, band(header[at0 + 7], 128), limit, option
end

-- RFC 7871 6: family, source bits, scope bits, address. nil: malformed.
local function subnetOf(option)
  if #option < 4 then return nil end
  local family, bits = option:byte(1) * 256 + option:byte(2), option:byte(3)
  local full = family == 1 and 4 or family == 2 and 16 or nil
  if full == nil or option:byte(4) ~= 0 or bits > full * 8 or #option ~= 4 + math.ceil(bits / 8) then return nil end
  if bits == 0 then return false end
  local raw = option:sub(5) .. ('\\0'):rep(full - (#option - 4))
  if masked(raw, bits) ~= raw then return nil end
  return raw
end

local function answer(dq, entry, raw)
  local length = C.dnsdist_ffi_dnsquestion_get_len(dq)
  local header = ffi.cast('uint8_t*', C.dnsdist_ffi_dnsquestion_get_header(dq))
  -- One question in class IN, no records before the additional ones, an ordinary query.
  if C.dnsdist_ffi_dnsquestion_get_qclass(dq) ~= 1 or band(header[2], 248) ~= 0 or header[4] ~= 0 or header[5] ~= 1
    or header[6] ~= 0 or header[7] ~= 0 or header[8] ~= 0 or header[9] ~= 0 then return false end
  local question = 12 + #raw + 4
  local hasEdns, do_bit, limit, option = edns(header, question, length)
  if hasEdns == nil then return false end
  question_at_hand, asker = dq, nil
  subnet = nil
  if option ~= nil then
    local found = subnetOf(option)
    if found == nil then return false end
    subnet = found or nil
  end
  local values = chosen(entry.branches)
  local count = #values
  if count == 0 then return false end
  local width = entry.type == 1 and 4 or 16
  local total = question + count * (12 + width) + (hasEdns and 11 or 0) + (option and 4 + #option or 0)
  local most = C.dnsdist_ffi_dnsquestion_get_tcp(dq) and 65535 or math.min(math.max(limit, 512), 1232)
  if total > most then return false end
  if not C.dnsdist_ffi_dnsquestion_set_size(dq, total) then return false end
  header = ffi.cast('uint8_t*', C.dnsdist_ffi_dnsquestion_get_header(dq))
  -- A response with authority; RD and CD stay as they were asked.
  header[2] = bor(132, band(header[2], 1))
  header[3] = band(header[3], 16)
  header[6], header[7] = rshift(count, 8), band(count, 255)
  header[10], header[11] = 0, hasEdns and 1 or 0
  local i, ttl = question, entry.ttl
  -- What is the same for all begins at another of its values each time, so that the first is not asked for all the work.
  local n = entry.forAll and count > 1 and random(count) or 1
  for _ = 1, count do
    header[i], header[i + 1], header[i + 2], header[i + 3], header[i + 4], header[i + 5] = 192, 12, 0, entry.type, 0, 1
    header[i + 6], header[i + 7] = band(rshift(ttl, 24), 255), band(rshift(ttl, 16), 255)
    header[i + 8], header[i + 9] = band(rshift(ttl, 8), 255), band(ttl, 255)
    header[i + 10], header[i + 11] = 0, width
    ffi.copy(header + i + 12, data[values[n]], width)
    i = i + 12 + width
    tally(entry.slots[values[n]] or SLOTS)
    n = n < count and n + 1 or 1
  end
  if hasEdns then
    local rest = option and 4 + #option or 0
    header[i], header[i + 1], header[i + 2], header[i + 3], header[i + 4] = 0, 0, 41, 4, 208
    header[i + 5], header[i + 6], header[i + 7], header[i + 8] = 0, 0, do_bit, 0
    header[i + 9], header[i + 10] = 0, rest
    if option then
      i = i + 11
      header[i], header[i + 1], header[i + 2], header[i + 3] = 0, 8, 0, #option
      ffi.copy(header + i + 4, option, #option)
      -- Who gets the answer: everyone, or, as PowerDNS says of what it draws, all in the subnet that was asked for.
      header[i + 7] = entry.forAll and 0 or option:byte(3)
    end
  end
  return true
end

-- The compiler of LuaJIT takes no light userdata where C wants a pointer, and leaves all of this to the interpreter: it is given a
-- pointer of its own, made once for as long as the question lies at the same place, which it does.
local lying, dq = nil, nil
return function(place)
  if place ~= lying then lying, dq = place, ffi.cast('dnsdist_ffi_dnsquestion_t*', place) end
  if halves[0] ~= offset or halves[1] ~= epoch then refresh(whole[0]) end
  C.dnsdist_ffi_dnsquestion_get_qname_raw(dq, pointer, size)
  local raw = ffi.string(pointer[0], size[0])
  local types = entries[raw]
  if types == nil then
    local lower = raw:lower()
    if lower ~= raw then types = entries[lower] end
    if types == nil then
      if hasWild and isWild(lower) then C.dnsdist_ffi_dnsquestion_set_skip_cache(dq, true) end
      return none
    end
  end
  local entry = types[C.dnsdist_ffi_dnsquestion_get_qtype(dq)]
  if entry == nil then return none end
  tally(entry.slot)
  if entry.branches ~= nil then
    if answer(dq, entry, raw) then return changed end
    C.dnsdist_ffi_dnsquestion_set_skip_cache(dq, true)
  elseif entry.skip then C.dnsdist_ffi_dnsquestion_set_skip_cache(dq, true) end
  return none
end
`
