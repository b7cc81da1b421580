/** What people are told nameservers are called: by name, and by site and name (the key) where several sites have one of that name. */
export function shownNameservers(
  nameservers: ReadonlyMap<string, { readonly report: { readonly name: string } }>,
): ReadonlyMap<string, string> {
  const byName = Map.groupBy(nameservers, ([, { report }]) => report.name)
  return new Map(
    Array.from(nameservers, ([key, { report }]) => [
      key,
      byName.get(report.name)?.length === 1 ? report.name : key,
    ]),
  )
}
