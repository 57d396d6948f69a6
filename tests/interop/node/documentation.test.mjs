// The Node.js example of docs/src/verify.md, run as it stands there but for the two names.

import assert from 'node:assert/strict'
import { readFile, writeFile } from 'node:fs/promises'
import { test } from 'node:test'
import { errors } from 'jose'
import { flipped, issue, issuer } from './support.mjs'

test('the documented verifier', async (t) => {
  const issued = await issue()
  if (issued.header.typ !== 'at+jwt' || issued.header.alg !== 'RS256') {
    t.skip('the example expects at+jwt and RS256')
    return
  }
  const page = await readFile(process.env.INTEROP_DOCUMENT, 'utf8')
  const blocks = [...page.matchAll(/^```js\n(.*?)^```$/gms)]
  assert.equal(blocks.length, 1)
  const code = blocks[0][1]
    .replace("'https://auth.example.com'", JSON.stringify(issuer))
    .replace("'https://invoices.example.com'", JSON.stringify(issued.audience))
  const file = new URL('./documented.generated.mjs', import.meta.url)
  await writeFile(file, code)
  const { verify } = await import(file)
  assert.deepEqual(await verify(issued.token), issued.claims)
  for (const [what, damaged] of flipped(issued.token)) {
    await assert.rejects(verify(damaged), (error) => error instanceof errors.JOSEError, what)
  }
})
