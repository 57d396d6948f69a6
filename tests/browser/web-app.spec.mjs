// examples/web-app in a browser: both pages in every view, by keyboard, and what they say about the token that they
// were made with.

import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test } from 'node:test'
import { SCRIPTLESS, VIEWS, freePorts, judge, repository, signet, tabTo, visit, withProgram } from './support.mjs'

// A fresh clone builds the API of the example first.
const START_SECONDS = 900

async function withExample(steps) {
  const [web, catalog, issuer, admin] = await freePorts(4)
  const env = { ...process.env, SIGNET_BIN: signet, WEB_APP_PORT: web, CATALOG_PORT: catalog, ISSUER_PORT: issuer, ADMIN_PORT: admin }
  const ready = `http://localhost:${web}/livez`
  await withProgram(join(repository, 'examples/web-app/start'), [], { ready, env, seconds: START_SECONDS },
    () => steps(`http://localhost:${web}`))
}

test('the pages say which token they were made with, in every view and by keyboard', async () => {
  await withExample(async (url) => {
    for (const view of [...VIEWS, SCRIPTLESS]) {
      await visit(`${url}/orders`, view, async (page) => {
        await page.getByRole('heading', { name: 'Your orders' }).waitFor()
        assert.match(await page.getByRole('contentinfo').innerText(), /Made with no token at all/)
        assert.match(await page.getByRole('main').innerText(), /This page would need your permission/)
        await judge(page, view, 'web-app-orders')
      })
      await visit(url, view, async (page) => {
        await page.getByRole('heading', { name: 'Books' }).waitFor()
        assert.match(await page.getByRole('contentinfo').innerText(), /Made with the application’s own token/)
        assert.ok(await page.getByRole('main').getByRole('listitem').count() >= 2)
        await judge(page, view, 'web-app-books')
        if (view.script === false) return
        // The way to the content is the first stop, and the other page is reached without a mouse.
        await tabTo(page, page.getByRole('link', { name: 'Skip to content' }), 1)
        await tabTo(page, page.getByRole('link', { name: 'Your orders' }))
        await page.keyboard.press('Enter')
        await page.getByRole('heading', { name: 'Your orders' }).waitFor()
        assert.equal(await page.getByRole('link', { name: 'Your orders' }).getAttribute('aria-current'), 'page')
      })
    }
  })
})
