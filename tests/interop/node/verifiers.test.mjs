// jose and oauth4webapi judge a real token: each accepts it, and refuses another audience, another issuer
// and every changed bit. Row D9 of tests/requirements.txt.

import assert from 'node:assert/strict'
import { before, test } from 'node:test'
import * as jose from 'jose'
import * as oauth from 'oauth4webapi'
import { flipped, insecure, issue, issuer } from './support.mjs'

const OTHER = 'https://other.example'
let issued
let keys
let server

before(async () => {
  issued = await issue()
  keys = jose.createRemoteJWKSet(new URL(issued.metadata.jwks_uri))
  const url = new URL(issuer)
  const options = { algorithm: 'oauth2', [oauth.allowInsecureRequests]: insecure }
  server = await oauth.processDiscoveryResponse(url, await oauth.discoveryRequest(url, options))
})

const withJose = (token, expected = {}) =>
  jose.jwtVerify(token, keys, {
    algorithms: [issued.header.alg],
    typ: issued.header.typ,
    issuer,
    audience: issued.audience,
    requiredClaims: ['iss', 'sub', 'aud', 'iat', 'exp', 'jti', 'client_id'],
    ...expected,
  })

async function refusesEveryFlip(verify, isRefusal, t) {
  let count = 0
  for (const [what, damaged] of flipped(issued.token)) {
    await assert.rejects(verify(damaged), isRefusal, `accepted, or failed otherwise, with changed ${what}`)
    count += 1
  }
  assert.ok(count >= 20)
  t.diagnostic(`${count} single-bit changes refused`)
}

test('d9 jose accepts', async () => {
  const { payload } = await withJose(issued.token)
  assert.deepEqual(payload, issued.claims)
})

test('d9 jose refuses every flip', async (t) => {
  // A network error is no refusal: only an error of the library counts.
  await refusesEveryFlip(withJose, (error) => error instanceof jose.errors.JOSEError, t)
})

test('d9 jose refuses another audience', async () => {
  await assert.rejects(withJose(issued.token, { audience: OTHER }), { code: 'ERR_JWT_CLAIM_VALIDATION_FAILED', claim: 'aud' })
})

test('d9 jose refuses another issuer', async () => {
  await assert.rejects(withJose(issued.token, { issuer: OTHER }), { code: 'ERR_JWT_CLAIM_VALIDATION_FAILED', claim: 'iss' })
})

const withOauth4webapi = (token, audience = issued.audience, as = server) =>
  oauth.validateJwtAccessToken(
    as,
    new Request('https://resource.example/', { headers: { authorization: `Bearer ${token}` } }),
    audience,
    { [oauth.allowInsecureRequests]: insecure },
  )

const typed = (t) => {
  if (issued.header.typ === 'at+jwt') return true
  t.skip('oauth4webapi accepts typ at+jwt only')
  return false
}

test('d9 oauth4webapi accepts', async (t) => {
  if (!typed(t)) return
  const claims = await withOauth4webapi(issued.token)
  assert.equal(claims.client_id, issued.claims.client_id)
})

test('d9 oauth4webapi refuses every flip', async (t) => {
  if (!typed(t)) return
  const isRefusal = (error) =>
    error instanceof oauth.OperationProcessingError ||
    error instanceof oauth.UnsupportedOperationError ||
    error instanceof oauth.WWWAuthenticateChallengeError
  await refusesEveryFlip(withOauth4webapi, isRefusal, t)
})

test('d9 oauth4webapi refuses another audience and issuer', async (t) => {
  if (!typed(t)) return
  await assert.rejects(withOauth4webapi(issued.token, OTHER))
  await assert.rejects(withOauth4webapi(issued.token, issued.audience, { ...server, issuer: OTHER }))
})
