// The token decoder: from what is pasted to what is shown. Texts become text nodes, never markup, and nothing is
// sent: the policy of the page allows no connection.

import { checks, decode, signedBy, tidy } from './token.js'
import { broken, wanted } from './verifiers.js'

const facts = JSON.parse(document.getElementById('facts').dataset.json)
// How far this clock is from the server's, when the page was loaded.
const skew = Math.round(Date.now() / 1000) - facts.now
const SKEW_SECONDS_MAX = 5
const PAUSE_MS = 1000

const byId = (id) => document.getElementById(id)
const input = byId('token')
let shown
let turn = 0

function element(name, text, className) {
  const made = document.createElement(name)
  if (text !== undefined) made.textContent = text
  if (className) made.className = className
  return made
}

function row(...cells) {
  const made = element('tr')
  made.append(...cells)
  return made
}

const now = () => Math.floor(Date.now() / 1000)

/** `9 min 58 s`. */
function span(seconds) {
  const units = [[86400, 'days'], [3600, 'h'], [60, 'min'], [1, 's']]
  let rest = Math.abs(seconds)
  const parts = []
  for (const [size, unit] of units) {
    const count = Math.floor(rest / size)
    rest -= count * size
    if (count > 0 && parts.length < 2) parts.push(`${count} ${unit}`)
  }
  return parts.join(' ') || '0 s'
}

function date(value) {
  const at = typeof value === 'number' ? new Date(value * 1000) : undefined
  if (!at || Number.isNaN(at.getTime())) return 'not a time'
  return at.toISOString().replace('.000Z', 'Z')
}

function members(target, object) {
  target.replaceChildren(...Object.entries(object).map(([name, value]) => {
    const isDate = facts.dates.includes(name)
    const known = Object.hasOwn(facts.meanings, name) ? facts.meanings[name] : 'a claim of its own: what it means is between issuer and verifier'
    const cell = element('td', isDate ? `${known} ${date(value)}` : known)
    if (isDate && typeof value === 'number') {
      const relative = element('span', '', 'quiet')
      relative.dataset.time = String(value)
      cell.append(' ', relative)
    }
    const heading = element('th')
    heading.scope = 'row'
    heading.append(element('code', name))
    const content = element('td')
    content.append(element('code', typeof value === 'string' ? value : JSON.stringify(value)))
    return row(heading, content, cell)
  }))
}

/** What changes with time alone: once a second. */
function tick() {
  if (!shown) return
  const time = now()
  for (const cell of document.querySelectorAll('[data-time]')) {
    const distance = Number(cell.dataset.time) - time
    cell.textContent = distance > 0 ? `(in ${span(distance)})` : `(${span(distance)} ago)`
  }
  const { exp } = shown.jws.claims
  const life = byId('life')
  if (typeof exp !== 'number') life.textContent = 'It never expires: no verifier should take it.'
  else if (exp > time) life.textContent = `It expires in ${span(exp - time)}.`
  else life.textContent = `It expired ${span(time - exp)} ago.`
  if (shown.judgedAt !== time) judge(time)
}

function judge(time) {
  shown.judgedAt = time
  const { jws, signature } = shown
  const signatureText = signature.kid === undefined ? signature.refused ?? signature.unknown
    : `by key ${signature.kid ?? 'without kid'} (${facts.states[signature.kid] ?? 'published'})`
  const list = [['form', ''], ['signature', signature.refused ?? ''], ...checks(jws, facts, time)]
  byId('checks').replaceChildren(...list.map(([name, refused]) => {
    const isUnknown = name === 'signature' && signature.unknown
    const item = element('li')
    item.dataset.check = name
    item.dataset.outcome = isUnknown ? 'unknown' : refused ? 'refused' : 'ok'
    const mark = isUnknown ? '?' : refused ? '✗' : '✓'
    item.append(element('span', mark, isUnknown ? 'quiet' : refused ? 'bad' : 'good'), element('code', name),
      element('span', name === 'signature' ? signatureText : refused || 'right'))
    return item
  }))
  const first = list.find(([, refused]) => refused)
  if (first) verdict('bad', `Refused: ${first[1]}.`)
  else if (signature.unknown) verdict('', `Not verified: ${signature.unknown}.`)
  else verdict('good', 'Verified: signed by a key of this server, and nothing is wrong with it.')
  who(time, list.some(([name, refused]) => refused && ['signature', 'header', 'iss', 'aud'].includes(name)))
}

function who(time, isWorthless) {
  let accepting = 0
  const rows = facts.verifiers.map((verifier) => {
    const rules = isWorthless ? [] : broken(verifier, shown.jws, facts, time)
    const accepts = !isWorthless && rules.length === 0
    accepting += Number(accepts)
    const heading = element('th', verifier.title)
    heading.scope = 'row'
    const outcome = element('td')
    outcome.append(element('span', accepts ? 'accepts' : 'refuses', accepts ? 'good' : 'bad'))
    for (const { id, words } of rules) outcome.append(element('div', words + wanted(verifier, id)))
    const made = row(heading, outcome, element('td', verifier.setting), element('td', verifier.evidence))
    made.dataset.verifier = verifier.name
    made.dataset.broken = isWorthless ? 'all' : rules.map(({ id }) => id).join(' ')
    return made
  })
  byId('who').replaceChildren(...rows)
  byId('who-summary').textContent = isWorthless
    ? 'Nobody: the signature, the header, the issuer or the audience is wrong.'
    : `${accepting} of ${facts.verifiers.length} accept it${shown.signature.unknown ? ', if its signature is right' : ''}.`
}

function verdict(className, text) {
  const target = byId('verdict')
  const skewed = Math.abs(skew) > SKEW_SECONDS_MAX
    ? ` This computer's clock is ${span(skew)} ${skew > 0 ? 'ahead of' : 'behind'} the server's.` : ''
  if (target.textContent !== text + skewed) target.textContent = text + skewed
  target.className = className
}

async function read() {
  const mine = ++turn
  const token = tidy(input.value)
  shown = undefined
  byId('result').hidden = true
  if (token === '') return verdict('', 'Paste a token.')
  let jws
  try {
    jws = decode(token)
  } catch (error) {
    return verdict('bad', `Refused: ${error.message}.`)
  }
  const signature = await signedBy(jws, facts.keys)
  // Something else was pasted meanwhile.
  if (mine !== turn) return undefined
  shown = { jws, signature }
  members(byId('claims'), jws.claims)
  members(byId('header'), jws.header)
  byId('result').hidden = false
  return tick()
}

input.addEventListener('input', read)
setInterval(tick, PAUSE_MS)
// A browser may have kept what was typed before it loaded the page again.
if (input.value) read()
