/** The version of this package, which is the version of all its parts. */
import packageJson from '../../package.json' with { type: 'json' }

export const VERSION: string = packageJson.version
