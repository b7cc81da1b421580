/** ID tokens as somebody makes them who does not have the keys of the provider. */
import { generateKeyPair, SignJWT } from 'jose'
import { CLIENT_ID, type IdentityProvider } from './identity-provider.ts'

export const forgedIdToken = {
  /** The same signature, written in another way: ECDSA has (r, n - s) beside (r, s). */
  malleated: (idToken: string): string => {
    const order = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n
    const at = idToken.lastIndexOf('.')
    const signature = Buffer.from(idToken.slice(at + 1), 'base64url').toString('hex')
    const s = (order - BigInt(`0x${signature.slice(64)}`)).toString(16).padStart(64, '0')
    return `${idToken.slice(0, at)}.${Buffer.from(signature.slice(0, 64) + s, 'hex').toString('base64url')}`
  },

  /** HS256 with the key that everybody may know: a verifier that lets the token choose would take it. */
  byPublicKey: (provider: IdentityProvider): Promise<string> => {
    const { jwk } = provider.signingKey
    return unsigned(provider)
      .setProtectedHeader({ alg: 'HS256', kid: jwk.kid ?? '' })
      .sign(new TextEncoder().encode(JSON.stringify(jwk)))
  },

  byStranger: async (provider: IdentityProvider): Promise<string> => {
    const { privateKey } = await generateKeyPair('ES256')
    return unsigned(provider)
      .setProtectedHeader({ alg: 'ES256', kid: provider.signingKey.jwk.kid ?? '' })
      .sign(privateKey)
  },
}

function unsigned({ issuer }: IdentityProvider): SignJWT {
  return new SignJWT({ groups: 'staff', iss: issuer, aud: CLIENT_ID, sub: 'eve' })
    .setIssuedAt()
    .setExpirationTime('1h')
}
