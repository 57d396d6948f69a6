// The application's own token: fetched when it is first needed, kept, renewed before it ends. However many pages ask
// at once, one request is on its way at a time. Knows neither where tokens come from nor what they are used for.

// A new token is fetched when this part of the old one's life is over. Meanwhile pages use the old one.
const RENEW_AT = 0.8
// A token is not used in its last moments: the request that carries it takes time too.
const SPARE_SECONDS = 1
// After a failure, so that an issuer in trouble is not asked once for every page.
const PAUSE_SECONDS = 1
// The issuer should say how long a token lives (RFC 6749 section 5.1). If it does not:
const LIFETIME_SECONDS = 60

// Not the time of day: that can be set back, and a token would then live on.
const steadySeconds = () => performance.now() / 1000

export class AppToken {
  #request
  #now
  #log
  #current = null
  #pending = null
  #failure = null

  // `request` resolves to { token, lifetimeSeconds, … }; the rest of it is kept with the token.
  constructor(request, { now = steadySeconds, log = () => {} } = {}) {
    this.#request = request
    this.#now = now
    this.#log = log
  }

  // A token that is good now. Rejects when there is none and none is to be had.
  async get() {
    const now = this.#now()
    if (this.#current === null || now >= this.#current.endsAt) return this.#renew()
    if (now >= this.#current.renewAt) {
      this.#renew().catch(() => {}) // in the background; the old one is good until its end
    }
    return this.#current
  }

  // The API refused this token although its time is not over. The next page gets another one.
  forget(refused) {
    if (this.#current === refused) this.#current = null
  }

  #renew() {
    if (this.#pending) return this.#pending
    const started = this.#now()
    if (this.#failure && started < this.#failure.until) return Promise.reject(this.#failure.error)
    this.#pending = this.#fetch(started).finally(() => { this.#pending = null })
    return this.#pending
  }

  async #fetch(started) {
    try {
      const answer = await this.#request()
      const lifetime = answer.lifetimeSeconds ?? LIFETIME_SECONDS
      // Counted from before the request: the issuer's clock started while the answer was on its way.
      this.#current = Object.freeze({
        ...answer,
        renewAt: started + lifetime * RENEW_AT,
        endsAt: started + lifetime - Math.min(SPARE_SECONDS, lifetime / 10),
      })
      this.#failure = null
      this.#log(`token fetched, good for ${lifetime} s`)
      return this.#current
    } catch (error) {
      this.#failure = { error, until: this.#now() + PAUSE_SECONDS }
      const left = this.#current ? Math.ceil(this.#current.endsAt - this.#now()) : 0
      this.#log(`no new token: ${error.message}; ` +
        (left > 0 ? `the old one is good for ${left} s more` : 'there is no old one to use'))
      throw error
    }
  }
}
