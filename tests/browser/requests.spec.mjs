// The live list of `dev`: every decision, with its reason, and nothing secret.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { SCRIPTLESS, VIEWS, adminUrl, judge, publicUrl, tabTo, token, visit } from './support.mjs'

const SECRET = process.env.BROWSER_DEMO_CLIENT.split(':')[1]
const answers = async () => [await token(), await token({ scope: 'nothing:here' }), await token({}, 'worker:wrong-secret-of-the-test')]

for (const view of [...VIEWS, SCRIPTLESS]) {
  test(`the list of requests, ${view.name}`, async () => {
    const [issued, scope, client] = await answers()
    assert.deepEqual([issued.status, scope.error, client.error], [200, 'invalid_scope', 'invalid_client'])
    await visit(`${publicUrl}/requests`, view, async (page) => {
      const [first, second, third] = await page.locator('.requests li').allInnerTexts()
      assert.match(first, /refused\s+invalid_client/)
      assert.match(second, /refused\s+invalid_scope[^]*nothing:here/)
      assert.match(third, /issued[^]*invoices:read for https:\/\/invoices\.example\.com, 600 s/)
      await judge(page, view, 'requests')
      const text = await page.content()
      for (const hidden of [SECRET, issued.access_token, issued.access_token.split('.')[2], 'wrong-secret-of-the-test']) {
        assert.ok(!text.includes(hidden), 'a secret or a token is on the page')
      }
    })
  })
}

test('a new request shows by itself, unless the list is paused', () =>
  visit(`${publicUrl}/requests`, VIEWS[2], async (page) => {
    const first = page.locator('.requests li').first()
    await token({ scope: 'shown:live' })
    await first.filter({ hasText: 'shown:live' }).waitFor()
    const pause = page.getByRole('button', { name: 'Pause' })
    await tabTo(page, pause)
    await page.keyboard.press('Enter')
    await token({ scope: 'not:shown' })
    await page.waitForTimeout(2500)
    assert.ok(!(await first.innerText()).includes('not:shown'))
    await page.getByRole('button', { name: 'Go on' }).press('Space')
    await first.filter({ hasText: 'not:shown' }).waitFor()
  }))

test('without script the page loads itself again', () =>
  visit(`${publicUrl}/requests`, SCRIPTLESS, async (page, sent) => {
    const times = () => sent.filter(({ url }) => url === `${publicUrl}/requests`).length
    for (let second = 0; second < 15 && times() < 2; second += 1) await page.waitForTimeout(1000)
    assert.ok(times() >= 2)
  }))

test('the admin listener of dev has the list too', () => visit(`${adminUrl}/requests`, VIEWS[0], async (page) => {
  assert.ok(await page.locator('.requests li').count() > 0)
}))
