/** What OpenAPI says of the API as a whole, and the finish of what Fastify's plugins make of the routes. */
import type { SwaggerTransformObject } from '@fastify/swagger'
import { jsonSchemaTransform, jsonSchemaTransformObject } from 'fastify-type-provider-zod'

export function apiDescription(version: string) {
  return {
    openapi: '3.1.0',
    info: {
      title: 'Fairlead',
      version,
      description: 'A global load balancer over DNS: answers with the endpoints that are healthy now.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    components: {
      securitySchemes: {
        token: { type: 'http' as const, scheme: 'bearer', description: 'See /v1/tokens and the token file.' },
      },
    },
    security: [{ token: [] }],
  }
}

/** With the role that it needs, where that does not depend on what is asked for. */
export const describeRoute = ((about) => {
  const { schema, url } = jsonSchemaTransform(about)
  const role = about.route.config?.role
  if (role === undefined) return { schema, url }
  const { description = '' } = schema as { readonly description?: string }
  return { schema: { ...schema, description: `${description} Needs the role ${role}.`.trim() }, url }
}) as typeof jsonSchemaTransform

type Schemas = Record<string, unknown>

/** Adds the components, without those that nothing refers to, and gives each operation an id. */
export const finishDescription: SwaggerTransformObject = (document) => {
  const finished = jsonSchemaTransformObject(document)
  const { components, paths } = finished as {
    components?: { schemas?: Schemas }
    paths?: Record<
      string,
      Record<string, { operationId?: string; responses?: Record<string, { description?: string }> }>
    >
  }
  for (const [path, operations] of Object.entries(paths ?? {}))
    for (const [method, operation] of Object.entries(operations)) {
      operation.operationId = operationId(method, path)
      for (const response of Object.values(operation.responses ?? {}))
        if (response.description === 'Default Response') response.description = 'Done'
    }
  const schemas = components?.schemas ?? {}
  const used = reachable(paths, schemas)
  const kept = Object.entries(schemas).filter(([name]) => used.has(name))
  return { ...finished, components: { ...components, schemas: Object.fromEntries(kept) } } as typeof finished
}

function reachable(from: unknown, schemas: Schemas): ReadonlySet<string> {
  const found = new Set<string>()
  const pending: unknown[] = [from]
  while (pending.length > 0) {
    const text = JSON.stringify(pending.pop())
    for (const [, name = ''] of text.matchAll(/"#\/components\/schemas\/([^"]+)"/g)) {
      if (!found.has(name)) pending.push(schemas[name])
      found.add(name)
    }
  }
  return found
}

/** 'put', '/v1/load-balancers/{name}' to putLoadBalancersName. */
function operationId(method: string, path: string): string {
  const words = path.split(/[^a-zA-Z]+/).filter((word) => word !== '' && word !== 'v')
  return method + words.map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join('')
}
