// The snippets: what is shown is filled in. That they work is shown by tests/interop/snippets.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { SCRIPTLESS, VIEWS, judge, publicUrl, visit } from './support.mjs'

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
      assert.ok(text.includes(publicUrl) || id === 'kong', id)
      assert.ok(!/CLIENT_ID|CLIENT_SECRET|\{\{|&(amp|lt|#)/.test(text), `${id}: ${text}`)
    }
  }))
