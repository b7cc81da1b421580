/**
 * The Lua that answers of `steered` record sets call: read once by each thread of the server, so that a record's own text, which
 * the server compiles for every query, stays short (docs/adr/0007-lua-rendering.md).
 * What must stay true: it is the twin of core/steering/evaluate.ts; nothing in it comes from an operator but prefixes and a path,
 * both written as Lua strings of harmless characters; it runs on LuaJIT and on Lua 5.1 to 5.4.
 */
import { LUA_CHOICES } from '../lua/lua-choices.ts'
import { prefixText, type SubnetTrust } from '../lua/lua-prefix.ts'
import { luaString } from '../lua/lua-string.ts'

export interface LuaLibraryOptions {
  /** Name of the global table: a different text has another one. */
  readonly global: string
  /** Where client maps and long choices are: files of a directory, with a slash at its end, or records of each zone. */
  readonly from: { readonly directory: string } | { readonly label: string }
  /** Resolvers whose EDNS client subnet is believed. */
  readonly trust: SubnetTrust
}

export function luaLibrary({ global, from, trust }: LuaLibraryOptions): string {
  const believed = trust === 'all' ? 'nil' : prefixSet(trust)
  return [
    'directory' in from ? fromFiles(from.directory) : fromRecords(from.label),
    `local believed = ${believed}`,
    LIBRARY,
    `${global} = F`,
    'return F',
    '',
  ].join('\n')
}

function fromFiles(directory: string): string {
  return `local function fetch(name) return dofile(${luaString(directory)} .. name .. '.lua') end`
}

/** A record that is included sets the global of its name. */
function fromRecords(label: string): string {
  return `local function fetch(name) include(name:lower() .. ${luaString(`.${label}`)}) local found = _G[name] _G[name] = nil return found end`
}

/** A set of prefixes as PowerDNS keeps one: the longest match decides, and one after '!' says no. */
export function prefixSet(include: readonly string[], exclude: readonly string[] = []): string {
  const masks = [...include.map(prefixText), ...exclude.map((prefix) => `!${prefixText(prefix)}`)]
  return `(function() local g = newNMG() for p in (${luaString(masks.join(' '))}):gmatch('%S+') do g:addMask(p) end return g end)()`
}

const LIBRARY = `local log, random, sin, cos, pi = math.log, math.random, math.sin, math.cos, math.pi
local P = 33554393
local files, kept = {}, 0
math.randomseed(pdnsrandom(2147483647))
local F = {}

local function load(name)
  local loaded = files[name]
  if loaded == nil then
    -- Old ones are not asked for any more; what is still asked for is read again.
    if kept >= 1000 then files, kept = {}, 0 end
    loaded = fetch(name)
    files[name] = loaded
    kept = kept + 1
  end
  return loaded
end

local function client()
  if believed == nil or believed:match(who) then return bestwho end
  return who
end

local function clientBytes() return client():getRaw() end

${LUA_CHOICES}

local function attribute(number)
  return geoiplookup(client():toString(), number)
end

-- Nearest: latitude, longitude, value, latitude, longitude, value...
function F.n(count, choices)
  local latitude, longitude = attribute(7):match('^(-?[%d.]+) (-?[%d.]+)$')
  latitude, longitude = tonumber(latitude), tonumber(longitude)
  local known = latitude ~= nil and longitude ~= nil
  local groups, order = {}, {}
  for i = 1, #choices, 3 do
    local distance = 0
    if known then
      local a = sin((choices[i] - latitude) * (pi / 180) / 2)
      local b = sin((choices[i + 1] - longitude) * (pi / 180) / 2)
      distance = a * a + cos(latitude * (pi / 180)) * cos(choices[i] * (pi / 180)) * b * b
    end
    if groups[distance] == nil then
      groups[distance] = {}
      order[#order + 1] = distance
    end
    local group = groups[distance]
    group[#group + 1] = choices[i + 2]
  end
  table.sort(order)
  local found = {}
  for _, distance in ipairs(order) do
    if #found >= count then break end
    local values, weights = groups[distance], {}
    for i = 1, #values do weights[i] = 1 end
    for _, value in ipairs(draw(count - #found, weights, values)) do found[#found + 1] = value end
  end
  return found
end

local function among(found, wanted)
  for i = 1, #wanted do if found == wanted[i] then return true end end
  return false
end

-- Is the client in one of these continents, countries, autonomous systems; in this set of prefixes?
function F.continent(...) return among(attribute(2), {...}) end
function F.country(...) return among(attribute(4), {...}) end
function F.asn(...) return among(tonumber(attribute(0)), {...}) end
function F.m(name) return load(name):match(client()) end

-- A choice that is too long to stand in a record.
function F.x(name) return load(name)(F) end`
