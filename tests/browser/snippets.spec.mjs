// The snippets: what is shown is filled in, and the lines for a shell work as they stand.

import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { dirname } from 'node:path'
import { test } from 'node:test'
import { SCRIPTLESS, VIEWS, judge, publicUrl, signet, visit } from './support.mjs'

const IDS = ['curl', 'go-oauth2', 'spring-client', 'openid-client', 'authlib', 'signet-token', 'pyjwt', 'jose',
  'spring-server', 'go-oidc', 'jsonwebtoken', 'envoy', 'istio', 'nginx', 'kong', 'signet-verify']

for (const view of [...VIEWS, SCRIPTLESS]) {
  test(`the snippets, ${view.name}`, () => visit(`${publicUrl}/snippets`, view, async (page) => {
    const summary = page.locator('summary', { hasText: 'openid-client' })
    await summary.press('Enter')
    assert.ok(await page.locator('#openid-client').isVisible())
    await judge(page, view, 'snippets')
  }))
}

test('each names this issuer, and none has a place that was not filled', () =>
  visit(`${publicUrl}/snippets`, VIEWS[2], async (page) => {
    assert.deepEqual((await page.locator('code[id]').evaluateAll((all) => all.map(({ id }) => id))).sort(), [...IDS].sort())
    for (const id of IDS) {
      const text = await page.locator(`#${id}`).textContent()
      assert.ok(text.includes(publicUrl), id)
      assert.ok(!/CLIENT_ID|CLIENT_SECRET|\{\{|&(amp|lt|#)/.test(text), `${id}: ${text}`)
    }
  }))

test('the lines for a shell work: curl, signet token, signet verify', () =>
  visit(`${publicUrl}/snippets`, VIEWS[2], async (page) => {
    const text = (id) => page.locator(`#${id}`).textContent()
    const shell = (line, input) => execFileSync('sh', ['-euc', line], {
      input, encoding: 'utf8', env: { ...process.env, PATH: `${dirname(signet)}:${process.env.PATH}` },
    })
    const { access_token: fetched } = JSON.parse(shell(await text('curl')))
    const other = shell(await text('signet-token')).trim()
    const verify = (await text('signet-verify')).replace('< token.txt', '')
    for (const one of [fetched, other]) assert.match(shell(verify, one), /accepted/)
    assert.throws(() => shell(verify, `${fetched.slice(0, -8)}AAAAAAAA`))
  }))
