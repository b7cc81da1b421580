/** What people write may hold anything; not every engine keeps a NUL or half a surrogate pair. */
export function prose(text: string): string {
  return text.toWellFormed().replaceAll('\0', '\ufffd')
}
