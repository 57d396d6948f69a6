// examples/sdk-portal, started as its page of the documentation says: login, download, rotation, in every view, and
// by keyboard alone.

import assert from 'node:assert/strict'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { SCRIPTLESS, VIEWS, freePorts, judge, repository, signet, tabTo, visit, withProgram } from './support.mjs'

// The first time the example is compiled before it starts.
const BUILD_SECONDS = 900

test('the SDK portal', async (portal) => {
  const run = await mkdtemp(join(tmpdir(), 'portal-'))
  const [web, api, issuer, admin] = await freePorts(4)
  const ports = { PORTAL_PORT: web, CATALOG_PORT: api, ISSUER_PORT: issuer, ADMIN_PORT: admin }
  const url = `http://localhost:${web}`
  const env = { ...process.env, ...ports, TMPDIR: run, SIGNET_BIN: signet }
  const start = join(repository, 'examples/sdk-portal/start')
  try {
    await withProgram(start, [], { ready: `${url}/livez`, seconds: BUILD_SECONDS, env }, async (output) => {
      const password = await said(output, /as dana with the password (\S+)/)
      for (const view of [...VIEWS, SCRIPTLESS]) {
        await portal.test(view.name, () => theWholeWay(url, view, password))
      }
      await portal.test('by keyboard', () => byKeyboard(url, password))
      await portal.test('a form that is sent twice', () => twice(url, password))
    })
  } finally {
    await rm(run, { recursive: true, force: true })
  }
})

async function theWholeWay(url, view, password) {
  // Refusals are answers with a status of their own, which the console of a browser mentions.
  const expected = [/status of 403/]
  await visit(url, view, async (page) => {
    assert.equal(new URL(page.url()).pathname, '/login')
    await judge(page, view, 'portal-login')
    await logIn(page, 'not the password')
    assert.match(await page.locator('#problem').textContent(), /Name or password is wrong/)
    await judge(page, view, 'portal-login-wrong')
    await logIn(page, password)
    assert.equal(await page.locator('#developer').textContent(), 'dana')
    if (await page.locator('#no-clients').count()) await judge(page, view, 'portal-home-first')

    const first = await download(page)
    await judge(page, view, 'portal-ready')
    await page.locator('#back').click()
    const second = await download(page)
    assert.notEqual(first, second)
    await page.locator('#back').click()
    const entries = page.locator('#clients li')
    assert.equal(await entries.nth(0).locator('p.client-id').textContent(), second)
    assert.equal(await entries.nth(1).locator('p.client-id').textContent(), first)
    assert.match(await entries.nth(0).textContent(), /in use.*It ends by itself on/s)
    assert.match(await entries.nth(1).textContent(), /replaced.*It still works, and ends by itself on/s)
    await entries.nth(1).locator('summary').click()
    assert.match(await entries.nth(1).locator('.deny').textContent(), /^- \{client_id_sha256: [\w-]{43}\}$/)
    await judge(page, view, 'portal-home')

    await page.locator('#log-out').click()
    await page.goto(url)
    assert.equal(new URL(page.url()).pathname, '/login')
  }, { expected })
}

async function byKeyboard(url, password) {
  await visit(url, VIEWS[0], async (page) => {
    await tabTo(page, page.locator('#name'))
    await page.keyboard.type('dana')
    await tabTo(page, page.locator('#password'), 1)
    await page.keyboard.type(password)
    await page.keyboard.press('Enter')
    await page.locator('#download').waitFor()
    await tabTo(page, page.locator('#download'))
    const begun = page.waitForEvent('download')
    await page.keyboard.press('Enter')
    await begun
    await tabTo(page, page.locator('#back'))
  })
}

async function twice(url, password) {
  await visit(url, VIEWS[0], async (page) => {
    await logIn(page, password)
    // What a second browser window does that kept the page.
    const form = await page.locator('#download-form input').getAttribute('value')
    const client = await download(page)
    await page.locator('#back').click()
    await page.locator('#download-form input').evaluate((input, value) => { input.value = value }, form)
    await page.locator('#download').click()
    assert.equal(await page.locator('h1').textContent(), 'This form was used already')
    await judge(page, VIEWS[0], 'portal-used-before')
    await page.locator('#back').click()
    assert.equal(await page.locator('#clients p.client-id').first().textContent(), client, 'the newest is as it was')
  }, { expected: [/status of 403/] })
}

async function logIn(page, password) {
  await page.locator('#name').fill('dana')
  await page.locator('#password').fill(password)
  await page.locator('#log-in').click()
  await page.waitForLoadState()
}

/** Clicks, and waits for the file that comes by itself. Returns the id of the client that it was made for. */
async function download(page) {
  const begun = page.waitForEvent('download')
  await page.locator('#download').click()
  const file = await begun
  assert.equal(file.suggestedFilename(), 'catalog-sdk.zip')
  const bytes = await readFile(await file.path())
  assert.equal(bytes.subarray(0, 2).toString(), 'PK')
  assert.equal(new URL(page.url()).pathname, '/sdk')
  const client = await page.locator('#client-id').textContent()
  assert.ok(bytes.includes(client), 'the archive holds the client that the page names')
  return client
}

async function said(output, pattern) {
  for (let tries = 0; tries < 100; tries += 1) {
    const found = pattern.exec(output())
    if (found) return found[1]
    await new Promise((resolve) => { setTimeout(resolve, 100) })
  }
  throw new Error(output())
}
