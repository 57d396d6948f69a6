// The assertions that signet accepted in `test_assertions.py`, judged by jose: it accepts each, and reads claims
// in it that mean the same. Row B34 of tests/requirements.txt.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { importSPKI, jwtVerify } from 'jose'
import { issuer } from './support.mjs'

const file = process.env.INTEROP_ASSERTIONS

test('jose reads what signet accepted', { skip: file ? false : 'the issuer under test has no client with keys of ours' }, async () => {
  const { client, accepted } = JSON.parse(readFileSync(file, 'utf8'))
  assert.ok(accepted.length >= 20, `${accepted.length} assertions`)
  for (const { what, algorithm, key, assertion, claims } of accepted) {
    const algorithms = algorithm === 'EdDSA' ? ['EdDSA', 'Ed25519'] : [algorithm]
    const { payload } = await jwtVerify(assertion, await importSPKI(key, algorithm), {
      algorithms,
      audience: issuer,
      issuer: client,
      subject: client,
      clockTolerance: 60,
      requiredClaims: ['exp', 'jti'],
    }).catch((error) => assert.fail(`${what}: signet accepts and jose says ${error}: ${assertion}`))
    assert.deepEqual(payload, claims, what)
  }
})
