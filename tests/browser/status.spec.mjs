// The page of the admin listener.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { SCRIPTLESS, VIEWS, adminUrl, judge, publicUrl, visit } from './support.mjs'

for (const view of [...VIEWS, SCRIPTLESS]) {
  test(`the status page, ${view.name}`, () => visit(`${adminUrl}/`, view, async (page, sent) => {
    assert.equal(await page.locator('h1').textContent(), publicUrl)
    assert.ok(await page.locator('svg[role=img]').isVisible())
    await judge(page, view, 'status')
    assert.equal(sent.filter(({ method }) => method !== 'GET').length, 0)
  }))
}
