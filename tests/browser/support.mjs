// What the specs share: one Chromium, views of a page (width, colours, script), and the judgements that hold for
// every page: no serious finding of axe-core, nothing wider than the window, no message in the console, no request
// to anywhere but the server under test. `tests/browser/run` sets the environment.

import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { after, before } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import { chromium } from 'playwright-core'

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')
// Loopback only: whatever else a page or the browser itself asks for does not resolve.
const FLAGS = [
  '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
  '--disable-component-update', '--disable-sync', '--no-proxy-server', '--force-color-profile=srgb',
  '--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost, EXCLUDE 127.0.0.1',
]
const HEIGHT = 900

/** The public and the admin listener of the `signet dev` that `run` started. */
export const publicUrl = wanted('BROWSER_PUBLIC_URL')
export const adminUrl = wanted('BROWSER_ADMIN_URL')
export const repository = wanted('BROWSER_REPOSITORY')
export const signet = wanted('BROWSER_SIGNET')
const screenshots = wanted('BROWSER_SCREENSHOTS')

function wanted(name) {
  assert.ok(process.env[name], `${name} is not set: run tests/browser/run`)
  return process.env[name]
}

/** Narrow and wide, light and dark; what every page is looked at in. */
export const VIEWS = [360, 1280].flatMap((width) =>
  ['light', 'dark'].map((scheme) => ({ name: `${width}-${scheme}`, width, scheme })))
/** As a browser that runs no script shows it. */
export const SCRIPTLESS = { name: '360-scriptless', width: 360, scheme: 'light', script: false }

let browser
/** One browser for the file that imports this; a user-data directory of its own, gone at the end. */
before(async () => {
  browser = await chromium.launch({ executablePath: wanted('BROWSER_CHROMIUM'), args: FLAGS })
})
after(async () => browser?.close())

/** Opens `url` in a view, lets `steps(page, sent)` work with it, then demands that the console stayed silent but for
 * what is `expected`, and that nothing was asked of another origin than `origins` (that of `url` unless told). `sent`
 * holds every request. */
export async function visit(url, view, steps, { origins = [new URL(url).origin], expected = [] } = {}) {
  const context = await browser.newContext({
    viewport: { width: view.width, height: HEIGHT },
    colorScheme: view.scheme,
    javaScriptEnabled: view.script !== false,
    reducedMotion: 'reduce',
    ignoreHTTPSErrors: true,
  })
  const sent = []
  const said = []
  context.on('request', (request) => {
    sent.push({ method: request.method(), url: request.url(), body: request.postData() ?? '', headers: request.headers() })
  })
  context.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) said.push(`${message.type()}: ${message.text()}`)
  })
  context.on('weberror', (error) => said.push(`uncaught: ${error.error()}`))
  try {
    const page = await context.newPage()
    // A busy machine is no failure.
    page.setDefaultTimeout(60_000)
    await page.goto(url)
    const result = await steps(page, sent)
    const unexpected = said.filter((line) => !expected.some((pattern) => pattern.test(line)))
    assert.deepEqual(unexpected, [], `the console of ${url} (${view.name})`)
    for (const request of sent) {
      const { origin, protocol } = new URL(request.url)
      assert.ok(protocol === 'data:' || protocol === 'blob:' || origins.includes(origin),
        `${url} asks ${request.method} ${request.url}`)
    }
    return result
  } finally {
    await context.close()
  }
}

/** A screenshot `target/browser/NAME-VIEW.png`, and what must hold for every page. */
export async function judge(page, view, name) {
  await mkdir(screenshots, { recursive: true })
  await page.screenshot({ path: join(screenshots, `${name}-${view.name}.png`), fullPage: true })
  await fits(page)
  if (view.script !== false) await isAccessible(page)
}

/** Nothing makes the window scroll sideways; a table may scroll in a box of its own. */
export async function fits(page) {
  const { wide, width, culprits } = await page.evaluate(() => {
    const width = document.documentElement.clientWidth
    const scrolls = (element) => {
      for (let up = element.parentElement; up; up = up.parentElement) {
        if (['auto', 'scroll', 'hidden'].includes(getComputedStyle(up).overflowX)) return true
      }
      return false
    }
    const beyond = [...document.body.querySelectorAll('*')]
      .filter((element) => element.getBoundingClientRect().right > width + 1 && !scrolls(element))
    return { wide: document.documentElement.scrollWidth, width, culprits: beyond.slice(0, 5).map((e) => e.outerHTML.slice(0, 120)) }
  })
  assert.ok(wide <= width, `${page.url()} is ${wide} px wide in a window of ${width} px: ${culprits.join('\n')}`)
}

/** No finding of axe-core that it calls serious or critical. */
export async function isAccessible(page) {
  await page.evaluate(AXE)
  const { violations, passes } = await page.evaluate(() => globalThis.axe.run(document))
  assert.ok(passes.length > 3, 'axe-core looked at the page')
  const found = violations.filter(({ impact }) => ['serious', 'critical'].includes(impact))
  assert.deepEqual(found.map(({ id, impact, nodes }) =>
    `${impact} ${id}: ${nodes.map(({ html, failureSummary }) => `${html} ${failureSummary}`).join('\n')}`), [],
  `axe-core about ${page.url()}`)
}

/** Presses Tab until `target` has the focus; at most `most` times, so that a trap is an error. */
export async function tabTo(page, target, most = 60) {
  for (let presses = 0; presses < most; presses += 1) {
    await page.keyboard.press('Tab')
    if (await target.evaluate((element) => element === document.activeElement)) {
      const outline = await target.evaluate((element) => {
        const style = getComputedStyle(element)
        return style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) > 0
      })
      assert.ok(outline, 'what has the focus shows it')
      return
    }
  }
  assert.fail(`Tab does not reach ${target}`)
}

/** A token of the demo client, or of another pair. */
export async function token(form = {}, pair = process.env.BROWSER_DEMO_CLIENT) {
  const response = await fetch(`${publicUrl}/oauth2/token`, {
    method: 'POST',
    headers: { authorization: `Basic ${Buffer.from(pair).toString('base64')}` },
    body: new URLSearchParams({ grant_type: 'client_credentials', ...form }),
  })
  const answer = await response.json()
  return { status: response.status, ...answer }
}

/** So many ports of loopback that nobody listens on. */
export async function freePorts(count) {
  const servers = await Promise.all(Array.from({ length: count }, () => new Promise((resolve) => {
    const server = createServer().listen(0, 'localhost', () => resolve(server))
  })))
  return Promise.all(servers.map((server) => new Promise((resolve) => {
    const { port } = server.address()
    server.close(() => resolve(port))
  })))
}

/** Starts a program, waits until `ready` answers, lets `steps` work with it, ends it. */
export async function withProgram(command, args, { ready, seconds = 60, ...options }, steps) {
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'], ...options })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (data) => { output += data })
  const ended = new Promise((resolve) => {
    child.once('exit', resolve)
    child.once('error', (error) => { output += error; resolve() })
  })
  try {
    await until(ready, seconds, () => {
      assert.ok(child.exitCode === null && child.signalCode === null && child.pid, `${command} ended: ${output}`)
    })
    return await steps(() => output)
  } finally {
    child.kill('SIGTERM')
    const late = setTimeout(() => child.kill('SIGKILL'), 10_000)
    await ended
    clearTimeout(late)
  }
}

async function until(url, seconds, alive) {
  const deadline = Date.now() + seconds * 1000
  for (;;) {
    alive()
    const response = await fetch(url).catch(() => undefined)
    if (response && response.status < 500) return
    assert.ok(Date.now() < deadline, `${url} does not answer`)
    await pause(100)
  }
}
