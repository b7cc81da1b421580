/** How large the body of a request may be, in bytes, unless its route says otherwise. */
export const DEFAULT_BODY_LIMIT = 1_048_576
