/** A configuration that names these checkers, in site ams. */
import { applyChanges, emptyConfiguration, type Configuration } from '../../../core/model/configuration.ts'

export function siteWithCheckers(
  checkers: readonly { readonly name: string; readonly address: string; readonly port: number }[],
): Configuration {
  const spec = { name: 'ams', checkers: [...checkers], canaries: [] }
  return applyChanges(emptyConfiguration(), [{ op: 'put', kind: 'site', key: 'ams', spec }])
}
