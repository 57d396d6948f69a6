// The web application: which address shows which page, and with which status and headers. Settings come from the
// environment. The page for books is made with the application's own token; the page for orders would need the
// visitor's permission, and its code has no way to a token.

import express from 'express'
import { AppToken } from './app-token.mjs'
import { CatalogDown, catalog } from './catalog.mjs'
import { NoToken, tokenRequest } from './issuer.mjs'
import * as pages from './pages.mjs'

const setting = (name) => process.env[name] ?? fail(`set ${name}; ./start does it`)
const log = (line) => console.log(line)

const clientId = setting('CLIENT_ID')
const request = tokenRequest({
  issuer: setting('ISSUER'),
  clientId,
  secretFile: setting('CLIENT_SECRET_FILE'),
  scope: 'catalog:read',
  audience: setting('CATALOG_AUDIENCE'),
})
let requests = 0
const appToken = new AppToken(() => { requests += 1; return request() }, { log })
const readBooks = catalog({ url: setting('CATALOG_URL'), appToken })

const app = express()
app.disable('x-powered-by')
app.use((_, response, next) => {
  response.set({
    'Content-Security-Policy':
      "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    'Cache-Control': 'no-store',
    'Referrer-Policy': 'no-referrer',
    'X-Content-Type-Options': 'nosniff',
    'Cross-Origin-Opener-Policy': 'same-origin',
    'Cross-Origin-Resource-Policy': 'same-origin',
  })
  next()
})

app.get('/', async (_, response) => {
  const { books, token } = await readBooks()
  const shown = { scope: token.scope, secondsToRenewal: Math.max(0, Math.round(token.renewAt - performance.now() / 1000)) }
  response.send(pages.books({ books, clientId, token: shown, requests }))
})
app.get('/orders', (_, response) => { response.send(pages.orders()) })
app.get('/livez', (_, response) => { response.type('text').send('ok\n') })
for (const [path, file] of [['/style.css', 'style.css'], ['/icon.svg', 'icon.svg']]) {
  app.get(path, (_, response) => { response.sendFile(file, { root: import.meta.dirname, cacheControl: false }) })
}

app.use((_, response) => { response.status(404).send(pages.notFound()) })
// Express tells an error handler by its four parameters.
app.use((error, _request, response, _next) => {
  if (error instanceof NoToken) {
    return response.status(503).set('Retry-After', '5').send(pages.noToken(error))
  }
  if (error instanceof CatalogDown) {
    log(error.message)
    return response.status(502).set('Retry-After', '5').send(pages.catalogDown())
  }
  console.error(error)
  response.status(500).send(pages.broken())
})

const server = app.listen(Number(setting('PORT')), 'localhost', (error) => {
  if (error) fail(error.message)
  log(`serves http://localhost:${server.address().port}`)
})
for (const signal of ['SIGINT', 'SIGTERM']) {
  process.once(signal, () => { server.close(); server.closeIdleConnections() })
}

function fail(reason) {
  console.error(`error: ${reason}`)
  process.exit(1)
}
