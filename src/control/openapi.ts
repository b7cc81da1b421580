/** The API's description of itself, without a running control: for openapi.json, which is committed and checked. */
import { pino } from 'pino'
import { buildServer } from './server.ts'

/** The OpenAPI 3.1 document. */
export async function buildOpenApi(version: string): Promise<object> {
  const server = await buildServer({ logger: pino({ enabled: false }), version }, () => {
    throw new Error('this server only describes itself')
  })
  await server.ready()
  const description = server.swagger()
  await server.close()
  return description
}
