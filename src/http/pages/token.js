// A compact JWS (RFC 7515 §7.1) and its checks, those of `signet verify` in the same order and under the same
// names. Touches no document and asks nobody: keys and expectations are arguments.

export const TOKEN_CHARACTERS_MAX = 65536

// How WebCrypto calls the algorithm of a key, and the members of the key that it needs.
const ALGORITHMS = {
  RS256: [{ name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' }, { name: 'RSASSA-PKCS1-v1_5' }, ['kty', 'n', 'e']],
  PS256: [{ name: 'RSA-PSS', hash: 'SHA-256' }, { name: 'RSA-PSS', saltLength: 32 }, ['kty', 'n', 'e']],
  ES256: [{ name: 'ECDSA', namedCurve: 'P-256' }, { name: 'ECDSA', hash: 'SHA-256' }, ['kty', 'crv', 'x', 'y']],
  EdDSA: [{ name: 'Ed25519' }, { name: 'Ed25519' }, ['kty', 'crv', 'x']],
}

const canonical = (alg) => (alg === 'Ed25519' ? 'EdDSA' : alg)
const isObject = (value) => typeof value === 'object' && value !== null && !Array.isArray(value)
const words = (text) => JSON.stringify(text)

/** The bytes of base64url without padding; throws on anything else, leftover bits included. */
export function bytesOf(part) {
  if (!/^[A-Za-z0-9_-]*$/.test(part) || part.length % 4 === 1) throw new Error('is not base64url')
  const binary = atob(part.replaceAll('-', '+').replaceAll('_', '/'))
  if (btoa(binary).replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '') !== part) {
    throw new Error('is not base64url: bits are left over')
  }
  return Uint8Array.from(binary, (character) => character.charCodeAt(0))
}

/** What people paste: with `Bearer` before it, or broken by line ends. */
export function tidy(text) {
  return text.replace(/^\s*(?:Authorization:\s*)?Bearer\s+/i, '').replace(/\s+/g, '')
}

/** Header and claims; throws with a reason in words. */
export function decode(token) {
  if (token.length > TOKEN_CHARACTERS_MAX) throw new Error(`it is longer than ${TOKEN_CHARACTERS_MAX} characters`)
  const parts = token.split('.')
  if (parts.length === 5) throw new Error('it has five parts: an encrypted token, which only its receiver reads')
  if (parts.length !== 3) throw new Error(`a token has three parts between dots, this has ${parts.length}`)
  const read = (part, what) => {
    let text
    let value
    try {
      text = new TextDecoder('utf-8', { fatal: true }).decode(bytesOf(part))
      value = JSON.parse(text)
    } catch (error) {
      throw new Error(`its ${what} cannot be read: ${error.message}`)
    }
    if (!isObject(value)) throw new Error(`its ${what} is no JSON object`)
    const name = twice(text)
    if (name !== undefined) {
      throw new Error(`its ${what} is refused: the member ${words(name)} stands twice, and readers differ in which one they take`)
    }
    return value
  }
  const [header, claims] = [read(parts[0], 'header'), read(parts[1], 'payload')]
  let signature
  try {
    signature = bytesOf(parts[2])
  } catch (error) {
    throw new Error(`its signature ${error.message}`)
  }
  return { header, claims, signature, signed: new TextEncoder().encode(`${parts[0]}.${parts[1]}`) }
}

/** The first member that stands twice in one object of a JSON text, at any depth; JSON.parse keeps the last without a word. */
function twice(text) {
  const open = []
  for (const [, string, colon, bracket] of text.matchAll(/("[^"\\]*(?:\\.[^"\\]*)*")(\s*:)?|([{}[\]])/g)) {
    if (bracket === '{' || bracket === '[') open.push(new Set())
    else if (bracket) open.pop()
    else if (colon) {
      const name = JSON.parse(string)
      if (open.at(-1).has(name)) return name
      open.at(-1).add(name)
    }
  }
  return undefined
}

/** Whether a key of the set made the signature: `{ kid }`, `{ refused }` or, when nobody can tell here, `{ unknown }`. */
export async function signedBy(jws, keys) {
  const { alg, kid } = jws.header
  if (typeof alg !== 'string') return { refused: 'the header has no alg that is text' }
  if (alg.toLowerCase() === 'none') return { refused: 'alg is none: nobody signed it' }
  if (kid !== undefined && typeof kid !== 'string') return { refused: "the header's kid is not text" }
  const named = keys.filter((key) => kid === undefined || key.kid === kid)
  if (named.length === 0) {
    return { refused: `signed by kid ${words(kid)}, which this server does not publish (as of when this page was loaded)` }
  }
  // The key's algorithm decides; the header may only agree (RFC 8725 §3.1).
  const fitting = named.filter((key) => key.alg === canonical(alg))
  if (fitting.length === 0) {
    return { refused: `the header says ${words(alg)}, but the key is for ${named.map((key) => key.alg).join(', ')}` }
  }
  if (!globalThis.crypto?.subtle) {
    return { unknown: 'browsers verify on pages from https or localhost only; use signet verify' }
  }
  for (const key of fitting) {
    const verdict = await isSigned(jws, key)
    if (verdict === undefined) return { unknown: `this browser's WebCrypto has no ${key.alg}; use signet verify` }
    if (verdict) return { kid: key.kid }
  }
  return { refused: 'the signature does not verify: the token was changed, or signed by another key of that name' }
}

async function isSigned(jws, key) {
  const [imported, used, members] = ALGORITHMS[key.alg] ?? []
  if (!imported) return undefined
  try {
    const jwk = Object.fromEntries(members.map((name) => [name, key[name]]))
    const publicKey = await crypto.subtle.importKey('jwk', jwk, imported, false, ['verify'])
    return await crypto.subtle.verify(used, publicKey, jws.signature, jws.signed)
  } catch (error) {
    if (error.name === 'NotSupportedError') return undefined
    return false
  }
}

/** The checks beside form and signature: pairs of a name and, when it failed, the reason. */
export function checks({ header, claims }, facts, now) {
  const found = []
  const add = (name, refused) => found.push([name, refused || ''])
  const extra = facts.not_plain.find((name) => name in header)
  add('header', extra && `the header has ${extra}, which access tokens must do without`)
  add('typ', !facts.types.includes(mediaType(header.typ)) && `typ is ${words(header.typ) ?? 'missing'}, not at+jwt or JWT`)
  add('iss', claims.iss !== facts.issuer && issuerReason(claims.iss, facts.issuer))
  const audiences = [claims.aud].flat()
  add('aud', !(audiences.length > 0 && audiences.every((one) => typeof one === 'string')) && 'aud names nobody')
  add('exp', typeof claims.exp !== 'number' ? 'there is no exp that is a number' : now >= Math.floor(claims.exp) && 'it has expired')
  add('iat', typeof claims.iat !== 'number' ? 'there is no iat that is a number'
    : Math.floor(claims.iat) > now && 'issued in the future: one of the two clocks is wrong')
  if ('nbf' in claims) add('nbf', !(typeof claims.nbf === 'number' && Math.floor(claims.nbf) <= now) && 'not valid yet')
  return found
}

function issuerReason(found, expected) {
  if (typeof found !== 'string') return 'there is no iss that is text'
  const slash = found.replace(/\/$/, '') === expected.replace(/\/$/, '')
  return `issued by ${words(found)}, this is ${words(expected)}${slash ? ': they differ in a slash at the end' : ''}`
}

/** As RFC 7515 §4.1.9 compares them: without case, and `application/` may be left out. */
export function mediaType(typ) {
  if (typ === undefined) return ''
  return typeof typ === 'string' ? typ.toLowerCase().replace(/^application\//, '') : '?'
}
