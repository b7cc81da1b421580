/**
 * A Lua string literal of whatever text. What must stay true: the literal holds only characters that mean nothing to Lua, to
 * PowerDNS's reader of records and to a shell; every other byte is written as its number.
 */
export function luaString(text: string): string {
  const bytes = Buffer.from(text.toWellFormed(), 'utf8')
  return `'${Array.from(bytes, literal).join('')}'`
}

function literal(byte: number): string {
  const character = String.fromCharCode(byte)
  return /[A-Za-z0-9./:_ !-]/.test(character) ? character : `\\${String(byte).padStart(3, '0')}`
}
