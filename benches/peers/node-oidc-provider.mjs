// node-oidc-provider as its documentation sets it up for machines: in memory, one client with a secret, JWT access
// tokens of RS256 by `resourceIndicators`. PORT is the one argument; NODE_ENV=production is set by who starts it.

import { generateKeyPair, exportJWK } from 'jose'
import { Provider } from 'oidc-provider'

const port = Number(process.argv[2])
const audience = 'https://rs256.example.com'
const { privateKey } = await generateKeyPair('RS256', { modulusLength: 2048, extractable: true })

const provider = new Provider(`http://127.0.0.1:${port}`, {
  clients: [{
    client_id: 'rs256',
    client_secret: 'a-secret-that-only-benchmarks-use-0123456789',
    token_endpoint_auth_method: 'client_secret_basic',
    grant_types: ['client_credentials'],
    redirect_uris: [],
    response_types: [],
  }],
  jwks: { keys: [{ ...await exportJWK(privateKey), alg: 'RS256', use: 'sig' }] },
  routes: { token: '/oauth2/token' },
  scopes: ['rs256:read', 'rs256:write'],
  features: {
    devInteractions: { enabled: false },
    clientCredentials: { enabled: true },
    resourceIndicators: {
      enabled: true,
      defaultResource: () => audience,
      getResourceServerInfo: () => ({
        audience,
        scope: 'rs256:read rs256:write',
        accessTokenFormat: 'jwt',
        accessTokenTTL: 900,
        jwt: { sign: { alg: 'RS256' } },
      }),
    },
  },
})
provider.listen(port, '127.0.0.1')
