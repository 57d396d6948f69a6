// What the Node suites share: the issuer under test, one token of it, and damaged copies of that token.
// `tests/interop/run` sets the environment.

// Every bit would take long; every 97th, and the last one, reaches all bit positions of a byte.
const STRIDE_BITS = 97

export const issuer = process.env.INTEROP_ISSUER
export const clientId = process.env.INTEROP_CLIENT_ID
export const clientSecret = process.env.INTEROP_CLIENT_SECRET
if (!issuer || !clientId || !clientSecret) throw new Error('run tests/interop/run')
export const insecure = new URL(issuer).protocol === 'http:'

const json = (part) => JSON.parse(Buffer.from(part, 'base64url').toString('utf8'))

export async function issue() {
  const metadata = await (await fetch(`${issuer}/.well-known/oauth-authorization-server`)).json()
  const response = await fetch(metadata.token_endpoint, {
    method: 'POST',
    headers: { authorization: `Basic ${Buffer.from(`${clientId}:${clientSecret}`).toString('base64')}` },
    body: new URLSearchParams({ grant_type: 'client_credentials' }),
  })
  if (response.status !== 200) throw new Error(`${response.status} ${await response.text()}`)
  const token = (await response.json()).access_token
  const [header, claims] = token.split('.').slice(0, 2).map(json)
  const audience = process.env.INTEROP_AUDIENCE || [claims.aud].flat()[0]
  return { token, header, claims, audience, metadata }
}

export function* flipped(token) {
  const parts = token.split('.')
  for (const [index, name] of ['header', 'payload', 'signature'].entries()) {
    const bits = Buffer.from(parts[index], 'base64url').length * 8
    const chosen = new Set([bits - 1])
    for (let bit = 0; bit < bits; bit += STRIDE_BITS) chosen.add(bit)
    for (const bit of chosen) {
      const data = Buffer.from(parts[index], 'base64url')
      data[bit >> 3] ^= 0x80 >> (bit & 7)
      yield [`${name} bit ${bit}`, parts.with(index, data.toString('base64url')).join('.')]
    }
  }
}
