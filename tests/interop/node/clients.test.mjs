// openid-client and oauth4webapi discover the issuer and obtain a token, each in its own habit, unmodified.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as oauth from 'oauth4webapi'
import * as openid from 'openid-client'
import { clientId, clientSecret, insecure, issuer } from './support.mjs'

const url = new URL(issuer)

function bearer(token) {
  assert.equal(token.token_type, 'bearer')
  assert.equal(token.access_token.split('.').length, 3)
  assert.ok(Number.isInteger(token.expires_in) && token.expires_in > 0)
  assert.equal(token.refresh_token, undefined)
}

for (const algorithm of ['oidc', 'oauth2']) {
  for (const method of ['ClientSecretPost', 'ClientSecretBasic']) {
    test(`openid-client, ${algorithm} discovery, ${method}`, async () => {
      const config = await openid.discovery(url, clientId, undefined, openid[method](clientSecret), {
        algorithm,
        execute: insecure ? [openid.allowInsecureRequests] : [],
      })
      bearer(await openid.clientCredentialsGrant(config))
    })
  }
}

test('openid-client reads the refusal of a wrong secret', async () => {
  const config = await openid.discovery(url, clientId, 'wrong', undefined, {
    execute: insecure ? [openid.allowInsecureRequests] : [],
  })
  await assert.rejects(openid.clientCredentialsGrant(config), (error) => {
    assert.equal(error.error ?? error.cause?.error, 'invalid_client')
    return true
  })
})

for (const method of ['ClientSecretPost', 'ClientSecretBasic']) {
  test(`oauth4webapi, ${method}`, async () => {
    const options = { [oauth.allowInsecureRequests]: insecure }
    const server = await oauth.processDiscoveryResponse(
      url,
      await oauth.discoveryRequest(url, { algorithm: 'oauth2', ...options }),
    )
    const client = { client_id: clientId }
    const response = await oauth.clientCredentialsGrantRequest(
      server, client, oauth[method](clientSecret), new URLSearchParams(), options,
    )
    bearer(await oauth.processClientCredentialsResponse(server, client, response))
  })
}
