// Which rules of which verifier a token breaks. The rules are data from the server (src/keys/acceptance.rs); this
// reads them as `signet verify --as` does.

import { mediaType } from './token.js'

/** Ids of the broken rules, in the order of the server's list. */
export function broken(verifier, { header, claims }, facts, now) {
  const alg = header.alg === 'Ed25519' ? 'EdDSA' : header.alg
  const needsKid = verifier.kid === 'needed' || (verifier.kid === 'needed_among_several' && facts.keys.length > 1)
  const ahead = verifier.issued_ahead_seconds
  const verdicts = {
    typ: verifier.types !== null && !verifier.types.includes(mediaType(header.typ)),
    alg: verifier.algorithms !== null && !verifier.algorithms.includes(alg),
    kid: needsKid && typeof header.kid !== 'string',
    claims: verifier.claims.some((name) => !Object.hasOwn(claims, name)),
    exp: typeof claims.exp === 'number' && now >= claims.exp + verifier.expiry_leeway_seconds,
    iat: ahead !== null && typeof claims.iat === 'number' && claims.iat > now + ahead,
    https: verifier.https && !facts.issuer.startsWith('https://'),
  }
  return facts.rules.filter(({ id }) => verdicts[id])
}

/** What a rule wants, in words. */
export function wanted(verifier, id) {
  const list = (values) => values.map((value) => value || 'none').join(' or ')
  if (id === 'typ') return ` (takes ${list(verifier.types)})`
  if (id === 'alg') return ` (takes ${list(verifier.algorithms)})`
  if (id === 'claims') return ` (${verifier.claims.join(', ')})`
  return ''
}
