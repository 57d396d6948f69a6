// The snippets: what is shown is filled in, and those for a shell, Node.js and Python work as they stand.

import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { test } from 'node:test'
import { SCRIPTLESS, VIEWS, judge, publicUrl, signet, token, visit } from './support.mjs'

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
      input, encoding: 'utf8', stdio: 'pipe', env: { ...process.env, PATH: `${dirname(signet)}:${process.env.PATH}` },
    })
    const { access_token: fetched } = JSON.parse(shell(await text('curl')))
    const other = shell(await text('signet-token')).trim()
    const verify = (await text('signet-verify')).replace('< token.txt', '')
    for (const one of [fetched, other]) assert.match(shell(verify, one), /accepted/)
    assert.throws(() => shell(verify, `${fetched.slice(0, -8)}AAAAAAAA`))
  }))

/** Runs a snippet as it stands on the page with lines that show what it got. */
async function runs(page, id, more, token = '') {
  const code = `${await page.locator(`#${id}`).textContent()}\n${more}\n`
  const options = { encoding: 'utf8', stdio: 'pipe', env: { ...process.env, TOKEN: token } }
  if (!['openid-client', 'jose'].includes(id)) return execFileSync(process.env.BROWSER_PYTHON, ['-c', code], options)
  const file = join(process.env.BROWSER_LIBRARIES, `${id}.generated.mjs`)
  await writeFile(file, code)
  return execFileSync(process.execPath, [file], options)
}

test('those for Node.js and Python work: openid-client, Authlib, jose, PyJWT', () =>
  visit(`${publicUrl}/snippets`, VIEWS[2], async (page) => {
    const clients = [await runs(page, 'openid-client', 'console.log(access_token)'), await runs(page, 'authlib', 'print(token["access_token"])')]
    const [client] = process.env.BROWSER_DEMO_CLIENT.split(':')
    for (const fetched of clients.map((text) => text.trim())) {
      assert.equal((await runs(page, 'jose', 'console.log((await verify(process.env.TOKEN)).sub)', fetched)).trim(), client)
      const python = 'import os\nprint(verify(os.environ["TOKEN"])["sub"])'
      assert.equal((await runs(page, 'pyjwt', python, fetched)).trim(), client)
    }
    const { access_token: good } = await token()
    const changed = `${good.slice(0, -8)}AAAAAAAA`
    await assert.rejects(runs(page, 'jose', 'await verify(process.env.TOKEN)', changed), /signature verification failed/)
    await assert.rejects(runs(page, 'pyjwt', 'import os\nverify(os.environ["TOKEN"])', changed), /InvalidSignatureError/)
  }))
