/** How PowerDNS answers what Fairlead publishes, whatever it reads it from: settings and their values. */
export const ANSWER_LINES: readonly (readonly [string, string | number])[] = [
  // Not shared would make a Lua state for each query: measured, sixteen times slower.
  ['enable-lua-records', 'shared'],
  // The expressions are Fairlead's own and do not loop; the default of 1,000 instructions is less than a large pool takes.
  ['lua-records-exec-limit', 0],
  ['edns-subnet-processing', 'yes'],
  ['cache-ttl', 1],
  ['query-cache-ttl', 1],
  ['negquery-cache-ttl', 1],
  ['zone-cache-refresh-interval', 0],
]
