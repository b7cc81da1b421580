/** An endpoint is killed. */
import { withinDesign, type Fault } from '../matrix/fault.ts'

export const endpointKilled: Fault = {
  name: 'endpoint-killed',
  design: 'The process of an endpoint is killed: its port is closed, and two sites of three say so.',
  bound: withinDesign,
  run: (world) => world.endpointDies(),
}
