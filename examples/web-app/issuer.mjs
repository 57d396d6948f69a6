// Asks the issuer for a token with the client credentials grant (RFC 6749 section 4.4), by openid-client. The only
// file that sees the client's secret. Does not keep tokens: that is for app-token.mjs.

import { readFile } from 'node:fs/promises'
import { ClientSecretBasic, allowInsecureRequests, clientCredentialsGrant, discovery } from 'openid-client'

// Pages wait for this while there is no token.
const TIMEOUT_SECONDS = 3

// The issuer cannot be reached, or refuses. `refused` tells which: then waiting does not help.
export class NoToken extends Error {
  constructor(cause) {
    const refused = typeof cause.error === 'string' || cause.code === 'OAUTH_WWW_AUTHENTICATE_CHALLENGE'
    super(refused ? `the issuer refuses: ${cause.error ?? 'client or secret is wrong'}` : reason(cause), { cause })
    this.refused = refused
  }
}

export function tokenRequest({ issuer, clientId, secretFile, scope, audience }) {
  const url = new URL(issuer)
  const isLoopback = ['localhost', '127.0.0.1', '[::1]'].includes(url.hostname)
  const options = {
    algorithm: 'oauth2', // RFC 8414
    timeout: TIMEOUT_SECONDS,
    // The library insists on https. On this machine alone it may be http.
    execute: url.protocol === 'http:' && isLoopback ? [allowInsecureRequests] : [],
  }
  // Read for every request, so that a new secret in the file is used without a restart.
  let secret
  const authenticate = (...request) => ClientSecretBasic(secret)(...request)
  let configuration = null

  return async () => {
    try {
      secret = (await readFile(secretFile, 'utf8')).trim()
      configuration ??= await discovery(url, clientId, undefined, authenticate, options)
      const answer = await clientCredentialsGrant(configuration, { scope, resource: audience })
      return { token: answer.access_token, lifetimeSeconds: answer.expires_in, scope: answer.scope ?? scope }
    } catch (error) {
      throw new NoToken(error)
    }
  }
}

// What failed is often two causes deep: "fetch failed" says nothing.
function reason(error) {
  while (error.cause instanceof Error) error = error.cause
  return error.name === 'TimeoutError' ? `no answer within ${TIMEOUT_SECONDS} s` : error.code ?? error.message
}
