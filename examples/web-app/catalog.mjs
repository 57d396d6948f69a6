// Reads the catalog, a protected API, with the application's own token (RFC 6750). Knows the API; that the token is
// fetched, kept and renewed it leaves to app-token.mjs.

// Pages wait for this.
const TIMEOUT_MS = 3000

export class CatalogDown extends Error {}

// Resolves to { books, token }: what to show, and the token that it was read with.
export function catalog({ url, appToken }) {
  const get = async (token) => {
    try {
      return await fetch(`${url}/books`, {
        headers: { authorization: `Bearer ${token.token}`, accept: 'application/json' },
        redirect: 'error', // the token is for this API and for no other address
        signal: AbortSignal.timeout(TIMEOUT_MS),
      })
    } catch (error) {
      throw new CatalogDown(`the catalog does not answer: ${error.cause?.code ?? error.name}`, { cause: error })
    }
  }

  return async function books() {
    let token = await appToken.get()
    let answer = await get(token)
    if (answer.status === 401) {
      // The token may have lost its key, or clocks are apart: once more with another one, then it is an error.
      appToken.forget(token)
      token = await appToken.get()
      answer = await get(token)
    }
    if (answer.status !== 200) throw new CatalogDown(`the catalog answers ${answer.status}`)
    const { books } = await answer.json().catch(() => ({}))
    if (!Array.isArray(books)) throw new CatalogDown('the catalog answers with something else than books')
    return { books, token }
  }
}
