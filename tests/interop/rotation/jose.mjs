// jose as a resource server has it, one token a line: `accepted`, `unknown key`, or `failed` with the reason.

import { createInterface } from 'node:readline'
import * as jose from 'jose'

const { jwks_uri, issuer, audience, renew_seconds, cooldown_seconds, leeway_seconds } = JSON.parse(process.argv[2])
const keys = jose.createRemoteJWKSet(new URL(jwks_uri), {
  cacheMaxAge: renew_seconds * 1000,
  cooldownDuration: cooldown_seconds * 1000,
})

for await (const token of createInterface({ input: process.stdin })) {
  try {
    await jose.jwtVerify(token, keys, { issuer, audience, algorithms: ['RS256'], clockTolerance: leeway_seconds })
    console.log('accepted')
  } catch (error) {
    console.log(error.code === 'ERR_JWKS_NO_MATCHING_KEY' ? 'unknown key' : `failed ${error.code} ${error.message}`)
  }
}
