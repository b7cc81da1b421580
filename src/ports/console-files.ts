/** The files of the console, as they were built. What must stay true: they hold no data, and nobody needs a token for them. */
export interface ConsoleFile {
  readonly body: Buffer
  readonly mediaType: string
  /** Strong entity tag (RFC 9110 8.8.3), quotes included. */
  readonly etag: string
  /** Its name has a digest of what is in it: under that name it never changes. */
  readonly isHashed: boolean
}

export interface ConsoleFiles {
  /** False where the sources run and nobody has built it. */
  readonly isBuilt: boolean
  /** By its path below the console, such as 'index.html'; null: there is no such file. */
  find(path: string): ConsoleFile | null
}
