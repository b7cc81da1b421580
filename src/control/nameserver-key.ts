/** What a nameserver is known by: two sites may have one of the same name. */
export function nameserverKey({ site, name }: { readonly site: string; readonly name: string }): string {
  return `${site}/${name}`
}
