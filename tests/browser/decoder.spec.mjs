// The token decoder, against tokens of every algorithm and changed ones. Whatever is pasted stays in the browser.

import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { test } from 'node:test'
import { SCRIPTLESS, VIEWS, adminUrl, judge, publicUrl, signet, tabTo, token, visit } from './support.mjs'

const WIDE = VIEWS[2]
const ALGORITHMS = ['RS256', 'PS256', 'ES256', 'EdDSA']
const part = (value) => Buffer.from(JSON.stringify(value)).toString('base64url')
const json = (text) => JSON.parse(Buffer.from(text, 'base64url').toString('utf8'))

async function of(algorithm) {
  const answer = await token({ scope: `use:${algorithm}` }, process.env.BROWSER_ALGORITHMS_CLIENT)
  assert.equal(answer.status, 200)
  return answer.access_token
}

/** Opens the decoder, pastes, gives what it says; fails when the token, or a part of it, was sent anywhere. */
function decoded(pasted, steps, { view = WIDE, base = publicUrl, at } = {}) {
  return visit(`${base}/decode`, view, async (page, sent) => {
    const before = sent.length
    if (at) await page.clock.setFixedTime(at)
    await page.getByLabel('Access token').fill(pasted)
    await page.waitForFunction(() => !['Paste a token.', ''].includes(document.getElementById('verdict').textContent))
    const checks = await page.locator('#checks li').evaluateAll((items) =>
      Object.fromEntries(items.map((item) => [item.dataset.check, item.dataset.outcome])))
    await steps({ page, checks, verdict: await page.locator('#verdict').innerText(), accepted: () => accepted(page) })
    assert.equal(sent.length, before, `asked after the paste: ${JSON.stringify(sent.slice(before))}`)
    const parts = pasted.split('.').filter((one) => one.length > 20)
    for (const { url, body, headers } of sent) {
      const whole = url + body + JSON.stringify(headers)
      for (const secret of [pasted, ...parts]) assert.ok(!whole.includes(secret), `a request carries the token: ${url}`)
    }
  })
}

const accepted = (page) => page.locator('#who tr').evaluateAll((rows) =>
  Object.fromEntries(rows.map((row) => [row.dataset.verifier, row.dataset.broken])))

for (const view of VIEWS) {
  test(`a token is decoded and verified, ${view.name}`, async () => {
    const { access_token: pasted } = await token()
    const claims = json(pasted.split('.')[1])
    await decoded(pasted, async ({ page, checks, verdict }) => {
      assert.match(verdict, /^Verified/)
      assert.deepEqual(Object.values(checks), Array(Object.keys(checks).length).fill('ok'))
      assert.deepEqual(Object.keys(checks), ['form', 'signature', 'header', 'typ', 'iss', 'aud', 'exp', 'iat'])
      const shown = await page.locator('#claims tr').evaluateAll((rows) =>
        Object.fromEntries(rows.map(({ cells }) => [cells[0].textContent, cells[1].textContent])))
      assert.deepEqual(shown, Object.fromEntries(Object.entries(claims).map(([name, value]) => [name, String(value)])))
      assert.match(await page.locator('#life').innerText(), /^It expires in (9 min|10 min)/)
      await judge(page, view, 'decoder')
    }, { view, base: view.width === 360 ? adminUrl : publicUrl })
  })
}

for (const algorithm of ALGORITHMS) {
  test(`${algorithm}: verified, and refused with one flipped bit in each part`, async () => {
    const good = await of(algorithm)
    await decoded(good, ({ checks, verdict }) => {
      assert.match(verdict, /^Verified/)
      assert.equal(checks.signature, 'ok')
    })
    for (const index of [0, 1, 2]) {
      const parts = good.split('.')
      const bytes = Buffer.from(parts[index], 'base64url')
      // A character inside a text: what is flipped stays JSON.
      const place = index === 2 ? 10 : bytes.lastIndexOf('"') - 1
      bytes[place] ^= 1
      parts[index] = bytes.toString('base64url')
      await decoded(parts.join('.'), ({ verdict, checks }) => {
        assert.match(verdict, /^Refused/, `part ${index}`)
        assert.equal(checks.signature, 'refused')
      })
    }
  })
}

test('an expired token is refused, and its signature still verifies', async () => {
  const { access_token: pasted } = await token()
  const { exp } = json(pasted.split('.')[1])
  await decoded(pasted, async ({ page, checks, verdict }) => {
    assert.match(verdict, /^Refused: it has expired/)
    assert.deepEqual([checks.signature, checks.exp], ['ok', 'refused'])
    assert.match(await page.locator('#life').innerText(), /^It expired 0 s ago/)
  }, { at: exp * 1000 })
})

test('the time that is left runs', async () => {
  const { access_token: pasted } = await token()
  await decoded(pasted, async ({ page }) => {
    const life = page.locator('#life')
    const before = await life.innerText()
    await page.waitForFunction((text) => document.getElementById('life').textContent !== text, before)
  })
})

for (const alg of ['none', 'NONE', 'HS256', 'RS512']) {
  test(`alg ${alg} is refused`, async () => {
    const [header, claims, signature] = (await token()).access_token.split('.')
    const changed = [part({ ...json(header), alg }), claims, alg.toLowerCase() === 'none' ? '' : signature].join('.')
    await decoded(changed, ({ verdict, checks }) => {
      assert.match(verdict, /^Refused/)
      assert.equal(checks.signature, 'refused')
    })
  })
}

for (const [what, pasted, message] of [
  ['two parts', 'e30.e30', /three parts/],
  ['five parts', 'a.b.c.d.e', /encrypted/],
  ['no base64url', 'e30.e+0.AA', /not base64url/],
  ['leftover bits', 'e31.e30.AA', /left over/],
  ['no object', `${part([])}.e30.AA`, /no JSON object/],
  ['too long', `e30.${'a'.repeat(70000)}.AA`, /longer than/],
]) {
  test(`what is no token is refused: ${what}`, () => decoded(pasted, ({ verdict }) => assert.match(verdict, message)))
}

test('a member that stands twice is refused at every depth, as `signet verify` does', async () => {
  const [header, claims, signature] = (await token()).access_token.split('.')
  const text = (encoded, more) => Buffer.from(
    Buffer.from(encoded, 'base64url').toString('utf8').replace(/}$/, `,${more}}`)).toString('base64url')
  for (const [where, name, more] of [
    ['payload', 'aud', '"aud":"https://other.example.com"'],
    ['payload', 'aud', '"\\u0061ud":"https://other.example.com"'],
    ['payload', 'b', '"act":[{"b":"}","c":{"b":1}},{"b":2,"b" : 3}]'],
    ['header', 'kid', '"kid":"other"'],
  ]) {
    const pasted = (where === 'header' ? [text(header, more), claims, signature] : [header, text(claims, more), signature]).join('.')
    const said = spawnSync(signet, ['verify', '--issuer', publicUrl, '--format', 'json'], { input: pasted, encoding: 'utf8' })
    const words = `its ${where} is refused: the member "${name}" stands twice`
    assert.ok(JSON.stringify(JSON.parse(said.stdout)).includes(JSON.stringify(words).slice(1, -1)), said.stdout)
    await decoded(pasted, async ({ page, verdict }) => {
      assert.ok(verdict.startsWith(`Refused: ${words}`), verdict)
      assert.ok(await page.locator('#result').isHidden())
    })
  }
  const once = text(claims, '"act":{"aud":1,"b":[{"c":"\\"c\\":{"},{"c":2}]},"b":"a","c":":"')
  await decoded([header, once, signature].join('.'), ({ verdict, checks }) => {
    assert.match(verdict, /signature does not verify/)
    assert.equal(checks.form, 'ok')
  })
})

test('markup in header and claims stays text', async () => {
  const markup = '<img src=x onerror="document.title=1"><script>document.title=2</script>'
  const forged = [part({ alg: 'RS256', typ: markup, kid: markup, [markup]: markup }),
    part({ iss: markup, sub: { [markup]: markup }, aud: [markup], [markup]: markup, __proto__x: 1, exp: 'x', constructor: markup }), 'AA'].join('.')
  await decoded(forged, async ({ page, verdict }) => {
    assert.match(verdict, /^Refused/)
    assert.equal(await page.title(), 'Token decoder · signet')
    assert.equal(await page.locator('main img, main script').count(), 0)
    assert.ok((await page.locator('#claims').innerText()).includes(markup))
  })
})

test('with the keyboard alone: paste, read, go on', () => visit(`${publicUrl}/decode`, WIDE, async (page) => {
  const { access_token: pasted } = await token()
  await tabTo(page, page.getByLabel('Access token'))
  await page.keyboard.insertText(`Bearer ${pasted}\n`)
  await page.locator('#verdict', { hasText: 'Verified' }).waitFor()
  await tabTo(page, page.locator('[aria-labelledby=who-title].wide'))
}))

test('without script the page says what to do instead', () => visit(`${publicUrl}/decode`, SCRIPTLESS, async (page) => {
  assert.match(await page.locator('noscript').innerText(), /signet decode[^]*signet verify --issuer/)
  await judge(page, SCRIPTLESS, 'decoder')
}))

test('where the browser offers no WebCrypto, nothing is called verified', () =>
  visit(`${publicUrl}/decode`, WIDE, async (page) => {
    const { access_token: pasted } = await token()
    await page.evaluate(() => Object.defineProperty(globalThis, 'crypto', { value: {} }))
    await page.getByLabel('Access token').fill(pasted)
    await page.locator('#verdict', { hasText: 'Not verified' }).waitFor()
  }))

test('who would accept a token: the page and signet verify --as say the same', async () => {
  const search = (await token({}, 'search-indexer:demo-search-indexer-secret-do-not-use-in-production')).access_token
    ?? (await token({ scope: 'search:read' }, 'search-indexer:demo-search-indexer-secret-do-not-use-in-production')).access_token
  const tokens = [(await token()).access_token, search, ...await Promise.all(ALGORITHMS.map(of))]
  const verdicts = new Set()
  for (const one of tokens) {
    const said = spawnSync(signet, ['verify', '--issuer', publicUrl, '--as', 'all', '--format', 'json'], { input: one, encoding: 'utf8' })
    const { verifiers } = JSON.parse(said.stdout)
    await decoded(one, async ({ accepted: read }) => {
      const shown = await read()
      assert.deepEqual(shown, Object.fromEntries(verifiers.map(({ name, broken }) => [name, broken.join(' ')])))
      verdicts.add(JSON.stringify(shown))
    })
  }
  assert.ok(verdicts.size >= 4, 'the tokens differ in who takes them')
})

test('nobody accepts what this server did not sign, or another issuer', async () => {
  const [header, claims, signature] = (await token()).access_token.split('.')
  const forged = [header, part({ ...json(claims), iss: `${publicUrl}/` }), signature].join('.')
  await decoded(forged, async ({ accepted: read, page }) => {
    assert.deepEqual([...new Set(Object.values(await read()))], ['all'])
    assert.match(await page.locator('#who-summary').innerText(), /^Nobody/)
    assert.match(await page.locator('[data-check=iss]').innerText(), /slash at the end/)
  })
})
