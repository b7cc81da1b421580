/** The four demo endpoints, as examples/quickstart.yaml names them. (A test compares the two.) */
export const ENDPOINTS = {
  'ams-1': { address: '127.0.0.11', port: 18_080 },
  'ams-2': { address: '127.0.0.12', port: 18_080 },
  'fra-1': { address: '127.0.0.21', port: 18_080 },
  'fra-2': { address: '127.0.0.22', port: 18_080 },
} as const

export type EndpointName = keyof typeof ENDPOINTS

/** Where the supervisor takes orders; relative to the root of the checkout, because a socket's path is at most 107 bytes. */
export const ORDERS_SOCKET = '.fairlead-quickstart.sock'

/** What a child tells its supervisor, once. */
export type EndpointMessage =
  | { readonly kind: 'listening' }
  | { readonly kind: 'cannot-listen'; readonly code: string; readonly message: string }

export function isEndpointName(text: string): text is EndpointName {
  return Object.hasOwn(ENDPOINTS, text)
}
