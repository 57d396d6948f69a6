// Sends the token requests of a file of cases with one library of Node.js, unmodified.
//
//   node stock-client.mjs LIBRARY CASES.json
//
// prints a JSON line for each case: `outcome` is `token`, `refused` (the library reports invalid_client),
// `unsendable` (it raises before it sends anything) or `error` with a text. Of a token only the claims are printed.

import { readFile } from 'node:fs/promises'
import { importJWK } from 'jose'
import * as oauth from 'oauth4webapi'
import * as openid from 'openid-client'
import { ClientCredentials } from 'simple-oauth2'

const asked = JSON.parse(await readFile(process.argv[3], 'utf8'))
const issuer = new URL(asked.issuer)
const form = ({ scope, resource }) => ({ ...(scope && { scope }), ...(resource && { resource }) })
const privateKey = async ({ alg, jwk }) => ({ key: await importJWK(jwk, alg), kid: jwk.kid })

async function openidClient(testCase) {
  const method = {
    default: () => undefined,
    client_secret_basic: () => openid.ClientSecretBasic(testCase.secret),
    client_secret_post: () => openid.ClientSecretPost(testCase.secret),
    private_key_jwt: async () => openid.PrivateKeyJwt(await privateKey(testCase.key)),
  }[testCase.method]
  const config = new openid.Configuration(
    asked.metadata,
    testCase.client_id,
    testCase.method === 'default' ? testCase.secret : undefined,
    await method(),
  )
  openid.allowInsecureRequests(config)
  return openid.clientCredentialsGrant(config, form(testCase))
}

async function oauth4webapi(testCase) {
  const method = {
    client_secret_basic: () => oauth.ClientSecretBasic(testCase.secret),
    client_secret_post: () => oauth.ClientSecretPost(testCase.secret),
    private_key_jwt: async () => oauth.PrivateKeyJwt(await privateKey(testCase.key)),
  }[testCase.method]
  const client = { client_id: testCase.client_id }
  const response = await oauth.clientCredentialsGrantRequest(
    asked.metadata, client, await method(), new URLSearchParams(form(testCase)),
    { [oauth.allowInsecureRequests]: true },
  )
  return oauth.processClientCredentialsResponse(asked.metadata, client, response)
}

async function simpleOauth2(testCase, options = {}) {
  const authorizationMethod = { client_secret_basic: 'header', client_secret_post: 'body' }[testCase.method]
  const client = new ClientCredentials({
    client: { id: testCase.client_id, secret: testCase.secret },
    auth: { tokenHost: issuer.origin, tokenPath: new URL(asked.token_endpoint).pathname },
    ...(authorizationMethod && { options: { authorizationMethod, ...options } }),
  })
  return (await client.getToken(form(testCase))).token
}

const library = {
  'openid-client': openidClient,
  oauth4webapi,
  'simple-oauth2': simpleOauth2,
  'simple-oauth2 (loose)': (testCase) => simpleOauth2(testCase, { credentialsEncodingMode: 'loose' }),
}[process.argv[2]]

// How each library reports invalid_client. The two of panva show a challenge in place of the body, so
// there the status has to do.
const isRefused = (error) =>
  [error.error, error.cause?.error, error.data?.payload?.error].includes('invalid_client') ||
  (error.code === 'OAUTH_WWW_AUTHENTICATE_CHALLENGE' && error.response.status === 401 &&
    error.cause.some(({ scheme }) => scheme === 'basic'))
// simple-oauth2 judges what it is given before it sends anything.
const isUnsendable = (error) => error.name === 'ValidationError'

for (const testCase of asked.cases) {
  let result
  try {
    const token = await library(testCase)
    result = { outcome: 'token', claims: token.access_token.split('.')[1] }
  } catch (error) {
    if (isRefused(error)) result = { outcome: 'refused' }
    else if (isUnsendable(error)) result = { outcome: 'unsendable' }
    else result = { outcome: 'error', text: `${error.name}: ${error.message} ${error.cause ?? ''}` }
  }
  console.log(JSON.stringify({ case: testCase.case, ...result }))
}
