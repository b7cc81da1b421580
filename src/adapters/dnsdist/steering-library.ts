/**
 * The part of the program in dnsdist that chooses: addresses and prefixes, with the draws that PowerDNS has too. Stands within steering-lua.ts, whose locals it uses and sets (asker, subnet, believed).
 */
import { LUA_CHOICES } from '../lua/lua-choices.ts'

export const STEERING_LIBRARY = `-- Addresses as bytes.
local function bytes4(text)
  local a, b, c, d = text:match('^(%d+)%.(%d+)%.(%d+)%.(%d+)$')
  return string.char(a, b, c, d)
end
local function bytes6(text)
  local head, tail = text:match('^(.-)::(.*)$')
  local function groups(part)
    local found = {}
    for group in part:gmatch('[^:]+') do
      if group:find('.', 1, true) then
        local four = bytes4(group)
        found[#found + 1] = four:sub(1, 2)
        found[#found + 1] = four:sub(3, 4)
      else
        local number = tonumber(group, 16)
        found[#found + 1] = string.char(math.floor(number / 256), number % 256)
      end
    end
    return found
  end
  if head == nil then return table.concat(groups(text)) end
  local first, last = groups(head), groups(tail)
  return table.concat(first) .. ('\\0\\0'):rep(8 - #first - #last) .. table.concat(last)
end
local function bytesOf(text)
  if text:find(':', 1, true) then return bytes6(text) end
  return bytes4(text)
end
local data = setmetatable({}, { __mode = 'k', __index = function(known, text)
  local made = bytesOf(text)
  known[text] = made
  return made
end })

-- The first bits of an address; the rest is 0.
local function masked(raw, bits)
  local whole, rest = math.floor(bits / 8), bits % 8
  local kept = raw:sub(1, whole)
  if rest > 0 then
    local byte = raw:byte(whole + 1)
    kept = kept .. string.char(byte - byte % 2 ^ (8 - rest))
  end
  return kept .. ('\\0'):rep(#raw - #kept)
end

-- A set of prefixes by length, longest first: 4 and 6 apart.
local function prefixSet(include, exclude)
  local set = { [4] = {}, [16] = {} }
  local function add(text, yes)
    local address, bits = text:match('^(.-)/(%d+)$')
    local raw = bytesOf(address)
    bits = tonumber(bits)
    local lengths = set[#raw]
    local known = lengths[bits]
    if known == nil then
      known = {}
      lengths[bits] = known
    end
    known[masked(raw, bits)] = yes
  end
  for text in include:gmatch('%S+') do add(text, true) end
  for text in exclude:gmatch('%S+') do add(text, false) end
  for _, size in ipairs({ 4, 16 }) do
    local order = {}
    for bits in pairs(set[size]) do order[#order + 1] = bits end
    table.sort(order, function(a, b) return a > b end)
    set[size].order = order
  end
  return set
end
local function matches(set, raw)
  local lengths = set[#raw]
  if lengths == nil then return false end
  for _, bits in ipairs(lengths.order) do
    local yes = lengths[bits][masked(raw, bits)]
    if yes ~= nil then return yes end
  end
  return false
end

-- Who asks: bytes of the client, as far as it is known; its subnet comes from the query where it is believed.
local question_at_hand, asker, subnet = nil, nil, nil
local who, whoSize = ffi.new('const void*[1]'), ffi.new('size_t[1]')
local function resolver()
  if asker == nil then
    C.dnsdist_ffi_dnsquestion_get_remoteaddr(question_at_hand, who, whoSize)
    asker = ffi.string(who[0], whoSize[0])
    if #asker == 16 and asker:sub(1, 12) == '\\0\\0\\0\\0\\0\\0\\0\\0\\0\\0\\255\\255' then asker = asker:sub(13) end
  end
  return asker
end
local function client()
  if subnet ~= nil and (believed == nil or matches(believed, resolver())) then return subnet end
  return resolver()
end

local clientBytes, F = client, {}
${LUA_CHOICES}

-- What is chosen from, as the table of entries has it (steering-entry.ts): values, or the arguments of a draw.
local K = {}
function K.w(count, choices) return { draws = 'w', count = count, choices = choices } end
function K.s(count, bits4, bits6, choices)
  return { draws = 's', count = count, bits4 = bits4, bits6 = bits6, choices = choices }
end
local function drawn(leaf)
  if leaf.draws == 'w' then return F.w(leaf.count, leaf.choices) end
  if leaf.draws == 's' then return F.s(leaf.count, leaf.bits4, leaf.bits6, leaf.choices) end
  return leaf
end
local function isForAll(branches) return not branches[1][1] and branches[1][2].draws == nil end
local function chosen(branches)
  local i = 1
  while branches[i][1] and not matches(sets[branches[i][1]], client()) do i = i + 1 end
  return drawn(branches[i][2])
end
`
