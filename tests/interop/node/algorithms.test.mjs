// Tokens of every algorithm that resources can choose, judged by jose with one key set of all types. Row D9.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as jose from 'jose'
import { flipped, issuer } from './support.mjs'

const secret = process.env.INTEROP_ALGORITHMS_SECRET

for (const algorithm of ['RS256', 'PS256', 'ES256', 'EdDSA']) {
  test(`d9 jose judges ${algorithm}`, async (t) => {
    if (!secret) {
      t.skip('the issuer under test has no client for every algorithm')
      return
    }
    const metadata = await (await fetch(`${issuer}/.well-known/oauth-authorization-server`)).json()
    const audience = `https://${algorithm.toLowerCase()}.example.com`
    const response = await fetch(metadata.token_endpoint, {
      method: 'POST',
      headers: { authorization: `Basic ${Buffer.from(`algorithms:${secret}`).toString('base64')}` },
      body: new URLSearchParams({ grant_type: 'client_credentials', resource: audience }),
    })
    assert.equal(response.status, 200)
    const token = (await response.json()).access_token
    const keys = jose.createRemoteJWKSet(new URL(metadata.jwks_uri))
    const verify = (candidate, algorithms = [algorithm]) =>
      jose.jwtVerify(candidate, keys, { algorithms, issuer, audience, typ: 'at+jwt' })
    const { payload, protectedHeader } = await verify(token)
    assert.equal(payload.client_id, 'algorithms')
    assert.equal(protectedHeader.alg, algorithm)
    let count = 0
    for (const [what, damaged] of flipped(token)) {
      await assert.rejects(verify(damaged), (error) => error instanceof jose.errors.JOSEError, what)
      count += 1
    }
    assert.ok(count >= 15)
    const others = ['RS256', 'PS256', 'ES256', 'EdDSA'].filter((other) => other !== algorithm)
    await assert.rejects(verify(token, others), { code: 'ERR_JOSE_ALG_NOT_ALLOWED' })
  })
}
