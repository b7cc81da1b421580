/** Bytes that are no message of ours. What must stay true: whoever meets one takes nothing from the message and ends the connection. */
export class WireFault extends Error {
  constructor(message: string) {
    super(message)
    this.name = 'WireFault'
  }
}
