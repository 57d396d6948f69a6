// The harness itself: each of its judgements refuses a page that is wrong in this one way.

import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import { after, before, test } from 'node:test'
import { fits, isAccessible, tabTo, visit, withProgram } from './support.mjs'

const VIEW = { name: 'harness', width: 360, scheme: 'light' }
const GOOD = '<h1>Good</h1><p>Text</p><p><a href="/">A link</a></p><ul><li>One</li></ul>'
let server
let base
const respond = (request, response) => {
  const { pathname, searchParams } = new URL(request.url, 'http://localhost')
  response.setHeader('content-type', 'text/html; charset=utf-8')
  response.setHeader('content-security-policy', "default-src 'none'; style-src 'unsafe-inline'; script-src 'self'")
  if (pathname !== '/') {
    response.writeHead(404).end()
    return
  }
  response.end(`<!doctype html><html lang="en"><title>Harness</title><main>${searchParams.get('body') ?? GOOD}</main></html>`)
}
before(async () => {
  server = createServer(respond)
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve))
  base = `http://127.0.0.1:${server.address().port}/`
})
after(() => server.close())

const page = (body) => `${base}?body=${encodeURIComponent(body)}`
const all = async (opened) => {
  await fits(opened)
  await isAccessible(opened)
}

test('a good page passes', () => visit(base, VIEW, all))

for (const [what, body, message] of [
  ['a box wider than the window', `${GOOD}<div style="width:700px">wide</div>`, /px wide in a window/],
  ['an image without words', `${GOOD}<img src="data:,">`, /image-alt/],
  ['text that is too pale', `${GOOD}<p style="color:#bbb;background:#fff">pale</p>`, /color-contrast/],
  ['an inline script', `${GOOD}<script>1</script>`, /Content Security Policy/],
  ['an inline handler', `${GOOD}<p onclick="1">handler</p><script src="/none.js"></script>`, /the console of/],
]) {
  test(`a page with ${what} is refused`, () => assert.rejects(visit(page(body), VIEW, all), message))
}

test('a request to elsewhere is refused', async () => {
  await assert.rejects(visit(base, VIEW, () => {}, { origins: ['http://localhost:1'] }), /asks GET/)
})

test('a view without script runs none', async () => {
  const scriptless = { ...VIEW, script: false }
  await visit(page(`${GOOD}<noscript><b>no script</b></noscript>`), scriptless, async (opened) => {
    assert.equal(await opened.locator('b').textContent(), 'no script')
  })
})

test('what the keyboard does not reach is refused, and so is a focus that nobody sees', async () => {
  const unseen = '<style>#b{outline:none}</style><a id=a href="#">a</a><a id=b href="#">b</a><span id=c>c</span>'
  await visit(page(unseen), VIEW, async (opened) => {
    await tabTo(opened, opened.locator('#a'))
    await assert.rejects(tabTo(opened, opened.locator('#b')), /shows it/)
    await assert.rejects(tabTo(opened, opened.locator('#c'), 5), /does not reach/)
  })
})

test('a program that ends before it is ready is an error with its words', async () => {
  const options = { ready: 'http://127.0.0.1:1/' }
  await assert.rejects(withProgram('sh', ['-c', 'echo broken; exit 3'], options, () => {}), /broken/)
})
