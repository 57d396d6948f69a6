// The page of the admin listener.

import assert from 'node:assert/strict'
import { appendFile, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { SCRIPTLESS, VIEWS, adminUrl, freePorts, judge, publicUrl, signet, visit, withProgram } from './support.mjs'

for (const view of [...VIEWS, SCRIPTLESS]) {
  test(`the status page, ${view.name}`, () => visit(`${adminUrl}/`, view, async (page, sent) => {
    assert.equal(await page.locator('.facts dd').first().textContent(), publicUrl)
    assert.ok(await page.locator('svg[role=img]').isVisible())
    await judge(page, view, 'status')
    assert.equal(sent.filter(({ method }) => method !== 'GET').length, 0)
  }))
}

const LIST = (expires) => `resources:
  - {audience: "https://api.example.com", scopes: ["a:b"]}
clients:
  - client_id: ends-soon
    client_name: <i>Markup</i> & more
    credentials: [{client_secret: "sha256:MTP_DPt5gKhRQQwqzng9LZKq28yLNOdw2kn0fuFDeL8", expires: ${expires}}]
    scope: a:b
`

test('a credential that ends soon, and a reload that was not taken with its findings', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'signet-browser-'))
  try {
    const file = join(directory, 'clients.yaml')
    await writeFile(file, LIST(new Date(Date.now() + 5 * 86_400_000).toISOString()))
    const [http, https, admin] = await freePorts(3)
    const base = `http://127.0.0.1:${http}`
    const args = ['dev', '--clients', file, '--keys', join(directory, 'keys'), '--poll-interval', '1s', '--issuer', base,
      '--listen', `127.0.0.1:${http}`, '--tls-listen', `127.0.0.1:${https}`, '--admin-listen', `127.0.0.1:${admin}`]
    await withProgram(signet, args, { ready: `${base}/livez` }, async () => {
      await appendFile(file, '  - client_id: broken\n    scope: a:c <b>\n')
      for (const view of VIEWS) {
        await visit(`${base}/`, view, async (page) => {
          for (let tries = 0; tries < 60 && !(await page.locator('details[open] pre').count()); tries += 1) {
            await page.waitForTimeout(500)
            await page.reload()
          }
          assert.match(await page.locator('details[open] pre').innerText(), /error\[SG0\d+\][^]*a:c <b>/)
          const row = await page.locator('section[aria-labelledby=expiring] tbody tr').innerText()
          assert.match(row, /in (4 days|5 days)[^]*ends-soon <i>Markup<\/i> & more[^]*the client is refused/)
          await judge(page, view, 'status-not-taken')
        })
      }
    })
  } finally {
    await rm(directory, { recursive: true })
  }
})
