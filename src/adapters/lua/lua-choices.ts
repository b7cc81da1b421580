/**
 * The Lua that draws by weight and by client, for PowerDNS and for dnsdist: twin of core/steering/evaluate.ts.
 * What must stay true: it runs on LuaJIT and on Lua 5.1 to 5.4. It stands in a program that has the locals `F` (a table that it adds
 * to), `P` (the prime of core/steering/client-hash.ts), `log`, `random` and `clientBytes()`; what `F.w` and `F.s` give back is good
 * until the next call.
 */
export const LUA_CHOICES = `local function draw(count, weights, values)
  local total, left, drawn = 0, #values, {}
  for i = 1, left do total = total + weights[i] end
  while #drawn < count and left > 0 do
    local point, i = random() * total, 1
    while i < left and point >= weights[i] do
      point = point - weights[i]
      i = i + 1
    end
    drawn[#drawn + 1] = values[i]
    total = total - weights[i]
    table.remove(weights, i)
    table.remove(values, i)
    left = left - 1
  end
  return drawn
end
local one = {}
-- Weighted: weight, value, weight, value...
function F.w(count, choices)
  local size = #choices
  if count == 1 then
    local total = choices.total
    if total == nil then
      total = 0
      for i = 1, size, 2 do total = total + choices[i] end
      choices.total = total
    end
    local point = random() * total
    for i = 1, size - 2, 2 do
      if point < choices[i] then
        one[1] = choices[i + 1]
        return one
      end
      point = point - choices[i]
    end
    one[1] = choices[size]
    return one
  end
  local weights, values = {}, {}
  for i = 1, size, 2 do
    weights[#weights + 1] = choices[i]
    values[#values + 1] = choices[i + 1]
  end
  return draw(count, weights, values)
end
-- Of two scored choices; the order in which they stand where the scores are equal.
local function isBefore(a, b)
  if a[1] == b[1] then return a[2] < b[2] end
  return a[1] < b[1]
end
-- Sticky: weight, key, value, weight, key, value...
function F.s(count, bits4, bits6, choices)
  local raw = clientBytes()
  local bits = #raw == 4 and bits4 or bits6
  local hash = 1
  for i = 1, #raw do
    local byte, rest = raw:byte(i), bits - (i - 1) * 8
    if rest <= 0 then byte = 0
    elseif rest < 8 then byte = byte - byte % (2 ^ (8 - rest)) end
    hash = (hash * 257 + byte + 1) % P
  end
  local best, found = {}, {}
  for i = 1, #choices, 3 do
    local key = choices[i + 1]
    local mixed = (hash * key + key) % P
    mixed = (mixed * mixed + hash) % P
    mixed = (mixed * mixed + key) % P
    mixed = (mixed * mixed + hash) % P
    best[#best + 1] = { -log((mixed + 0.5) / P) / choices[i], #best, choices[i + 2] }
  end
  if count == 1 then
    local first = best[1]
    for i = 2, #best do if best[i][1] < first[1] then first = best[i] end end
    one[1] = first[3]
    return one
  end
  table.sort(best, isBefore)
  for i = 1, math.min(count, #best) do found[i] = best[i][3] end
  return found
end`
