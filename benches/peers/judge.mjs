// Asks a server for a token as the load does, and judges it with jose: RS256, a key of 2048 bits, both scopes.
// `judge.mjs PORT`; the issuers of all servers differ, their token endpoints and key sets are found in the metadata or
// where everybody has them.

import assert from 'node:assert/strict'
import { createLocalJWKSet, jwtVerify } from 'jose'

const origin = `http://127.0.0.1:${process.argv[2]}`
const fetched = async (path, options) => {
  const answer = await fetch(origin + path, options)
  assert.equal(answer.status, 200, path)
  return answer.json()
}
const { issuer, jwks_uri: location } = await fetched('/.well-known/openid-configuration')
const keys = await fetched(new URL(location).pathname)
const credentials = Buffer.from('rs256:a-secret-that-only-benchmarks-use-0123456789').toString('base64')
const { access_token: token, token_type: type } = await fetched('/oauth2/token', {
  method: 'POST',
  headers: { authorization: `Basic ${credentials}`, 'content-type': 'application/x-www-form-urlencoded' },
  body: 'grant_type=client_credentials&scope=rs256%3Aread%20rs256%3Awrite',
})
assert.equal(type, 'Bearer')
const { payload, protectedHeader: { alg, kid } } = await jwtVerify(token, createLocalJWKSet(keys), {
  algorithms: ['RS256'], issuer, requiredClaims: ['aud', 'exp', 'sub'],
})
const { n } = keys.keys.find((key) => key.kid === kid)
assert.equal(Buffer.from(n, 'base64url').length, 256)
const scopes = Array.isArray(payload.scope) ? payload.scope : payload.scope.split(' ')
assert.deepEqual(scopes.sort(), ['rs256:read', 'rs256:write'])
console.log(`${alg}, a key of 2048 bits, a token of ${token.length} characters for ${payload.exp - payload.iat} s`)
